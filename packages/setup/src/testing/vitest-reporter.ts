/**
 * Vitest's own JSON report knows tests and files, but no suites: when a `beforeAll` failed, its tests were skipped and
 * nobody was told why. So this reporter, loaded by Vitest, writes down what the run came to, in the shape of all runners.
 */
import { writeFileSync } from "node:fs";
import type { Reporter } from "vitest/node";
import { z } from "zod";
import type { Outcome } from "./outcome.ts";

/** Where the run's outcome goes. */
export const REPORT_VARIABLE = "MUSTER_TEST_REPORT";

const outcomeSchema = z.object({
  passed: z.number(),
  failed: z.number(),
  skipped: z.number(),
  failures: z.array(z.string()),
});

export const vitestOutcome = (json: string): Outcome => outcomeSchema.parse(JSON.parse(json));

interface Told {
  message: string;
}

/** Of Vitest's tests, suites and modules, what is read here. */
export interface Module {
  moduleId: string;
  errors(): readonly Told[];
  children: {
    allSuites(): Iterable<{ fullName: string; errors(): readonly Told[] }>;
    allTests(): Iterable<{ fullName: string; result(): { state: string; errors?: readonly Told[] | undefined } }>;
  };
}

/** One for each hook, file or test that failed: a file that does not load has no tests to fail. */
export function outcomeOf(modules: readonly Module[], outsideTests: readonly Told[]): Outcome {
  const tests = modules.flatMap(({ moduleId, children }) =>
    [...children.allTests()].map((test) => ({ label: `${moduleId}: ${test.fullName}`, ...test.result() })),
  );
  const failed = tests.filter(({ state }) => state === "failed");
  const broken = modules.flatMap((module) => [
    ...module.errors().map((error) => line(module.moduleId, error)),
    ...[...module.children.allSuites()].flatMap((suite) =>
      suite.errors().map((error) => line(`${module.moduleId}: ${suite.fullName}`, error)),
    ),
  ]);
  const outside = outsideTests.map((error) => line("outside any test", error));
  return {
    passed: tests.filter(({ state }) => state === "passed").length,
    failed: failed.length + broken.length + outside.length,
    skipped: tests.filter(({ state }) => state !== "passed" && state !== "failed").length,
    failures: [...failed.map(({ label, errors }) => line(label, errors?.[0])), ...broken, ...outside],
  };
}

const line = (label: string, error: Told | undefined): string => `${label}: ${error?.message.split("\n")[0] ?? ""}`;

/** Vitest calls it with `new`, and takes what it returns. */
export default function outcomeReporter(): Reporter {
  return {
    onTestRunEnd: (modules, outsideTests) => {
      const path = process.env[REPORT_VARIABLE];
      if (path !== undefined) writeFileSync(path, JSON.stringify(outcomeOf(modules, outsideTests)));
    },
  };
}
