import { expect, test } from "vitest";
import { parseArguments } from "./arguments.ts";

test.each([
  [[], null, false],
  [["--simulate", "20"], 20, false],
  [["--simulate=20"], 20, false],
  [["--simulate"], 3, false],
  [["--adopt"], null, true],
  [["--simulate", "--adopt"], 3, true],
  [["--adopt", "--simulate", "2"], 2, true],
])("%j asks for %s simulated nodes, and to adopt: %s", (argv, simulate, adopt) => {
  expect(parseArguments(argv)).toEqual({ simulate, adopt });
});

test.each([
  [["--simulate", "0"]],
  [["--simulate", "101"]],
  [["--simulate", "-1"]],
  [["--simulate", "x"]],
  [["--help"]],
  [["--simulate", "2", "3"]],
  [["--simulate", "2", "--simulate"]],
])("%j is answered with the usage", (argv) => {
  expect(() => parseArguments(argv)).toThrow("usage: npm start");
});
