import { describe, expect, it } from "vitest";
import { run } from "../engine/exec.ts";
import { tarOf } from "./tar.ts";

async function listed(archive: Buffer): Promise<string> {
  const args = ["--list", "--verbose", "--numeric-owner"];
  const outcome = await run({ program: "tar", args, input: archive.toString("latin1"), timeoutMs: 5000 });
  return outcome.stdout + outcome.stderr;
}

describe("a tar archive", () => {
  const members = [
    { type: "directory", path: "tmp", mode: 0o1777 },
    { type: "file", path: "etc/name", content: "x".repeat(513) },
    { type: "link", path: "sbin/init", target: "../bin/busybox" },
  ] as const;

  it("is read by GNU tar as it was meant", async () => {
    const lines = (await listed(tarOf(members))).trim().split("\n");
    expect(lines).toHaveLength(3);
    expect(lines[0]).toMatch(/^drwxrwxrwt 0\/0 .* \.\/tmp\/$/);
    expect(lines[1]).toMatch(/^-rw-r--r-- 0\/0 +513 .* \.\/etc\/name$/);
    expect(lines[2]).toMatch(/^lrwxrwxrwx 0\/0 .* \.\/sbin\/init -> \.\.\/bin\/busybox$/);
  });

  it("refuses a path that does not fit, and cuts none", () => {
    expect(() => tarOf([{ type: "directory", path: "x".repeat(120) }])).toThrow("too long");
  });
});
