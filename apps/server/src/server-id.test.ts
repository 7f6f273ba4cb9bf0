import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openServerId } from "./server-id.ts";

let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "muster-server-id-"));
});
afterAll(() => rm(directory, { recursive: true }));

test("a server keeps its name, of many that start at once too", async () => {
  const path = join(directory, "one", "server-id");
  const names = await Promise.all(Array.from({ length: 5 }, () => openServerId(path, "host")));
  expect(new Set([...names, await openServerId(path, "host")]).size).toBe(1);
});

test("a copy of its data directory is another server, here and on another machine", async () => {
  const first = await openServerId(join(directory, "original", "server-id"), "host");
  await cp(join(directory, "original"), join(directory, "copy"), { recursive: true });
  const copy = await openServerId(join(directory, "copy", "server-id"), "host");
  expect(copy).not.toBe(first);
  expect(await openServerId(join(directory, "copy", "server-id"), "host")).toBe(copy);
  expect(await openServerId(join(directory, "original", "server-id"), "other")).not.toBe(first);
});
