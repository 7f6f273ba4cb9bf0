import { once } from "node:events";
import { existsSync } from "node:fs";
import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { openLog, terminalLine } from "./log-file.ts";

test("warnings and errors reach the terminal in one line, with their cause", () => {
  expect(terminalLine('{"level":40,"msg":"the node does not answer"}')).toBe("warning: the node does not answer");
  expect(terminalLine('{"level":50,"msg":"failed","err":{"message":"no route"}}')).toBe("error: failed: no route");
});

test.each(['{"level":30,"msg":"request"}', "plain words", "{half", '"text"'])("%s stays in the file", (line) => {
  expect(terminalLine(line)).toBeNull();
});

test.runIf(existsSync("/dev/full"))("a full disk takes lines of the log, and ends nothing", async () => {
  const shown: string[] = [];
  const stream = new PassThrough();
  const log = openLog("/dev/full", (line) => shown.push(line));
  log.follow(stream);
  stream.end('{"level":40,"msg":"the disk is full"}\nthe last words\n');
  await once(stream, "close");
  expect(shown).toEqual(["warning: the disk is full"]);
  expect(log.tail()).toContain("the last words");
});
