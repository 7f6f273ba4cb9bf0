import { expect, test } from "vitest";
import { playwrightOutcome } from "./playwright-report.ts";
import { staticChecksIn } from "./static-checks.ts";
import { bridgeOf, isTestName, mountsBelow } from "./sweep.ts";
import { tierOf } from "./tiers.ts";
import { type Module, outcomeOf } from "./vitest-reporter.ts";

const error = (message: string) => ({ message });
const testOf = (fullName: string, state: string, ...errors: { message: string }[]) =>
  ({ fullName, result: () => ({ state, errors }) }) as const;
const moduleOf = (over: Partial<Module["children"]>, ...errors: { message: string }[]): Module => ({
  moduleId: "a.test.ts",
  errors: () => errors,
  children: { allSuites: () => [], allTests: () => [], ...over },
});

test("Vitest: tests are counted one by one, failures named with their first line", () => {
  const tests = [testOf("adds", "passed"), testOf("subtracts", "failed", error("expected 1\nat line 3"))];
  expect(outcomeOf([moduleOf({ allTests: () => tests })], [])).toEqual({
    passed: 1,
    failed: 1,
    skipped: 0,
    failures: ["a.test.ts: subtracts: expected 1"],
  });
});

test("Vitest: a file that does not load is a failure, not an empty success", () => {
  expect(outcomeOf([moduleOf({}, error("Cannot find x\n..."))], [])).toMatchObject({
    passed: 0,
    failed: 1,
    failures: ["a.test.ts: Cannot find x"],
  });
});

test("Vitest: tests that were skipped because a hook failed are no riddle", () => {
  const suite = { fullName: "a server", errors: () => [error("no database")] };
  const children = { allSuites: () => [suite], allTests: () => [testOf("a server serves", "skipped")] };
  expect(outcomeOf([moduleOf(children)], [])).toEqual({
    passed: 0,
    failed: 1,
    skipped: 1,
    failures: ["a.test.ts: a server: no database"],
  });
});

test("Vitest: an error outside any test has failed too", () => {
  expect(outcomeOf([], [error("nobody caught it")])).toMatchObject({
    failed: 1,
    failures: ["outside any test: nobody caught it"],
  });
});

test("Playwright: nested suites are counted, and a flaky test has failed", () => {
  const spec = (title: string, status: string) => ({ title, file: "x.spec.ts", tests: [{ status, results: [] }] });
  const json = JSON.stringify({
    errors: [],
    suites: [{ specs: [spec("a", "expected")], suites: [{ specs: [spec("b", "flaky"), spec("c", "unexpected")] }] }],
  });
  expect(playwrightOutcome(json)).toMatchObject({ passed: 1, failed: 2 });
});

test("Playwright: a failure says what was wrong, without the colours of a terminal", () => {
  const message = "\u001b[31mError: not visible\u001b[39m\n\n  Locator: getByRole('row')\n    at x.spec.ts:3";
  const results = [{ error: { message } }, {}];
  const spec = { title: "a", file: "x.spec.ts", tests: [{ status: "flaky", results }] };
  expect(playwrightOutcome(JSON.stringify({ errors: [], suites: [{ specs: [spec] }] })).failures).toEqual([
    "x.spec.ts: a (flaky): Error: not visible Locator: getByRole('row')",
  ]);
});

test("Playwright: an error outside any test has failed too", () => {
  expect(playwrightOutcome(JSON.stringify({ suites: [], errors: [{ message: "no browser\nx" }] }))).toMatchObject({
    failed: 1,
    failures: ["no browser x"],
  });
});

test.each([
  ["a.test.ts", "unit"],
  ["a.test.tsx", "unit"],
  ["a.db.test.ts", "db"],
  ["src/a.fleet.test.ts", "fleet"],
  ["a.real.test.ts", "real"],
  ["a.ts", null],
])("%s is of the tier %s", (file, tier) => {
  expect(tierOf(file)).toBe(tier);
});

test("the static checks are those of pnpm check without its unit tests", () => {
  expect(staticChecksIn("biome check && turbo run typecheck test:unit --output-logs=errors-only && knip")).toEqual([
    ["biome", "check"],
    ["turbo", "run", "typecheck", "--output-logs=errors-only"],
    ["knip"],
  ]);
});

test("only what carries a test's name is swept", () => {
  expect(["muster-test-db-x", "muster-e2e-fleet"].every(isTestName)).toBe(true);
  expect(["muster", "muster-agent", "postgres", "my-muster-test-x"].some(isTestName)).toBe(false);
});

test("the bridge of a swept product goes, and nobody else's", () => {
  expect(bridgeOf("/var/tmp/muster-e2e-bench")).toBe("mt-bench0");
  expect(bridgeOf("/tmp/muster-test-db-x")).toBeNull();
});

test("mounts are undone from the inside out, and a neighbour's are not touched", () => {
  const line = (point: string) => `36 35 98:0 / ${point} rw - ext4 /dev/x rw`;
  const mountinfo = ["/var/tmp/a", "/var/tmp/a/pool", "/var/tmp/ab"].map(line).join("\n");
  expect(mountsBelow("/var/tmp/a", mountinfo)).toEqual(["/var/tmp/a/pool", "/var/tmp/a"]);
});
