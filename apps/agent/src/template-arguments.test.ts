import { describe, expect, it } from "vitest";
import { parseImportArguments } from "./template-arguments.ts";

const SHA256 = "0123456789abcdef".repeat(4);
const named = ["--name", "alpine", "--init", "busybox"];

describe("the arguments of template import", () => {
  it("are a file, its checksum, a name and an init", () => {
    expect(parseImportArguments(["./a.tar", SHA256, ...named])).toEqual({
      file: "./a.tar",
      sha256: SHA256,
      name: "alpine",
      init: "busybox",
      description: "",
    });
  });

  it("may come in any order, with a description, and with a file that looks like an option", () => {
    const args = ["--init=systemd", "--name=a", "--description", "Two words", "--", "-a.tar", SHA256];
    expect(parseImportArguments(args)).toMatchObject({ file: "-a.tar", init: "systemd", description: "Two words" });
  });

  it.each([
    ["nothing", []],
    ["no checksum", ["a.tar", ...named]],
    ["an empty file", ["", SHA256, ...named]],
    ["one thing too many", ["a.tar", SHA256, "b.tar", ...named]],
    ["no name", ["a.tar", SHA256, "--init", "busybox"]],
    ["no init", ["a.tar", SHA256, "--name", "a"]],
    ["an option twice", ["a.tar", SHA256, ...named, "--name", "b"]],
    ["an option without its value", ["a.tar", SHA256, "--init", "busybox", "--name"]],
    ["an option in place of a value", ["a.tar", SHA256, "--name", "--init", "busybox"]],
    ["an unknown option", ["a.tar", SHA256, ...named, "--force"]],
    ["a short option", ["a.tar", SHA256, ...named, "-n"]],
  ])("are refused with how to write them: %s", (_what, args) => {
    expect(() => parseImportArguments(args)).toThrow(/^Write import FILE SHA256 [^.]+\.$/);
  });

  it.each([
    ["SHA256", ["a.tar", "abc", ...named]],
    ["SHA256", ["a.tar", `${SHA256}0`, ...named]],
    ["--name", ["a.tar", SHA256, "--init", "busybox", "--name=--help"]],
    ["--name", ["a.tar", SHA256, "--init", "busybox", "--name", "../x"]],
    ["--name", ["a.tar", SHA256, "--init", "busybox", "--name", ""]],
    ["--name", ["a.tar", SHA256, "--init", "busybox", "--name", "a".repeat(64)]],
    ["--init", ["a.tar", SHA256, "--name", "a", "--init", "openrc"]],
    ["--description", ["a.tar", SHA256, ...named, "--description", "x".repeat(201)]],
  ])("are refused with the one that is wrong: %s", (label, args) => {
    expect(() => parseImportArguments(args)).toThrow(`${label} is wrong: `);
  });
});
