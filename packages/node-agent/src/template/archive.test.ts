import { describe, expect, it } from "vitest";
import { inspectListing } from "./archive.ts";

const line = (rest: string) => `-rw-r--r-- 0/0            1048 2026-01-01 00:00 ${rest}\n`;

describe("inspectListing", () => {
  it("adds up the sizes of files", () => {
    const listing = [
      "drwxr-xr-x 0/0               0 2026-01-01 00:00 ./",
      "-rwxr-xr-x 0/0         1982256 2026-01-01 00:00 ./bin/busybox",
      "lrwxrwxrwx 0/0               0 2026-01-01 00:00 ./bin/sh -> /bin/busybox",
      "crw-rw-rw- 0/5             1,3 2026-01-01 00:00 ./dev/null",
      "hrwxr-xr-x 0/0               0 2026-01-01 00:00 ./usr/bin/perl link to ./usr/bin/perl5",
    ].join("\n");
    expect(inspectListing(listing)).toEqual({ sizeBytes: 1_982_256 });
  });

  it.each(["/etc/passwd", "../etc/passwd", "./a/../../b", "a/.."])("refuses the member %s", (name) => {
    expect(() => inspectListing(line(name))).toThrow(expect.objectContaining({ code: "archive_invalid" }));
  });

  it("refuses a hard link to a path outside", () => {
    const listing = "hrw-r--r-- 0/0 0 2026-01-01 00:00 ./shadow link to /etc/shadow\n";
    expect(() => inspectListing(listing)).toThrow(expect.objectContaining({ code: "archive_invalid" }));
  });

  it("lets a symlink lead where it will: it is followed inside the VPS only", () => {
    const listing = "lrwxrwxrwx 0/0 0 2026-01-01 00:00 ./etc/mtab -> ../proc/self/mounts\n";
    expect(inspectListing(listing)).toEqual({ sizeBytes: 0 });
  });

  it("takes names with dots, blanks and escapes for what they are", () => {
    expect(inspectListing(line("./a..b/c d/new\\nline"))).toEqual({ sizeBytes: 1048 });
  });

  it("refuses an owner that no VPS has", () => {
    const listing = "-rw-r--r-- 70000/0 1 2026-01-01 00:00 ./x\n";
    expect(() => inspectListing(listing)).toThrow(expect.objectContaining({ code: "archive_invalid" }));
  });

  it("refuses what it does not understand", () => {
    expect(() => inspectListing("tar: what?\n")).toThrow(expect.objectContaining({ code: "archive_invalid" }));
  });
});
