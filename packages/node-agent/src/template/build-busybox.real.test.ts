import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { inspectArchive } from "./archive.ts";
import { buildBusybox, isStatic } from "./build-busybox.ts";

it("is the same archive each time, small, and passes the importer's look", async () => {
  const [one, two] = [await buildBusybox(), await buildBusybox()];
  const sum = (buffer: Buffer) => createHash("sha256").update(buffer).digest("hex");
  expect(sum(one)).toBe(sum(two));
  const directory = mkdtempSync(join(tmpdir(), "muster-busybox-"));
  try {
    writeFileSync(join(directory, "busybox.tar"), one);
    const { sizeBytes } = await inspectArchive(join(directory, "busybox.tar"), AbortSignal.timeout(10_000));
    expect(sizeBytes).toBeGreaterThan(500_000);
    expect(sizeBytes).toBeLessThan(3_000_000);
  } finally {
    rmSync(directory, { recursive: true });
  }
});

it("is made of a static busybox only", () => {
  expect(isStatic(readFileSync("/bin/busybox"))).toBe(true);
  expect(isStatic(readFileSync(process.execPath))).toBe(false);
  expect(isStatic(Buffer.from("#!/bin/sh\n"))).toBe(false);
});
