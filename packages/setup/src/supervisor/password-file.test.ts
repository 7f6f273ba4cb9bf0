import { lstatSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { writePasswordFile } from "./password-file.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "muster-password-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

test("a link that waits under the file's name is replaced, and what it leads to is left alone", () => {
  const [precious, file] = [join(folder, "shadow"), join(folder, "password.new")];
  writeFileSync(precious, "root:secret");
  symlinkSync(precious, file);
  writePasswordFile(file, "a password", {
    name: "muster-db",
    uid: process.getuid?.() ?? 0,
    gid: process.getgid?.() ?? 0,
  });
  expect(readFileSync(precious, "utf8")).toBe("root:secret");
  expect(readFileSync(file, "utf8")).toBe("a password\n");
  expect(lstatSync(file).mode & 0o777).toBe(0o600);
});
