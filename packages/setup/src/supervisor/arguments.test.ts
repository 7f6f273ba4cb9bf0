import { expect, test } from "vitest";
import { parseArguments } from "./arguments.ts";

test.each([
  [[], null],
  [["--simulate", "20"], 20],
  [["--simulate=20"], 20],
  [["--simulate"], 3],
])("%j asks for %s simulated nodes", (argv, simulate) => {
  expect(parseArguments(argv)).toEqual({ simulate });
});

test.each([
  [["--simulate", "0"]],
  [["--simulate", "101"]],
  [["--simulate", "-1"]],
  [["--simulate", "x"]],
  [["--help"]],
])("%j is answered with the usage", (argv) => {
  expect(() => parseArguments(argv)).toThrow("usage: npm start");
});
