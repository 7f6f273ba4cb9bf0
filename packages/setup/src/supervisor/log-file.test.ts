import { expect, test } from "vitest";
import { terminalLine } from "./log-file.ts";

test("warnings and errors reach the terminal in one line, with their cause", () => {
  expect(terminalLine('{"level":40,"msg":"the node does not answer"}')).toBe("warning: the node does not answer");
  expect(terminalLine('{"level":50,"msg":"failed","err":{"message":"no route"}}')).toBe("error: failed: no route");
});

test.each(['{"level":30,"msg":"request"}', "plain words", "{half", '"text"'])("%s stays in the file", (line) => {
  expect(terminalLine(line)).toBeNull();
});
