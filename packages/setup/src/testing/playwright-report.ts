/** Reads Playwright's JSON report. A flaky test is a failing test. */
import { stripVTControlCharacters } from "node:util";
import { z } from "zod";
import type { Outcome } from "./outcome.ts";

const errorSchema = z.object({ message: z.string().optional() });

const specSchema = z.object({
  title: z.string(),
  file: z.string(),
  tests: z.array(
    z.object({
      status: z.enum(["expected", "unexpected", "flaky", "skipped"]),
      /** One for each time it was tried. */
      results: z.array(z.object({ error: errorSchema.optional() })),
    }),
  ),
});
type Test = z.infer<typeof specSchema>["tests"][number];

interface Suite {
  specs: z.infer<typeof specSchema>[];
  suites?: Suite[] | undefined;
}
const suiteSchema: z.ZodType<Suite> = z.object({
  specs: z.array(specSchema),
  get suites() {
    return z.array(suiteSchema).optional();
  },
});

const reportSchema = z.object({
  suites: z.array(suiteSchema),
  errors: z.array(errorSchema),
});

function specsOf(suite: Suite): Suite["specs"] {
  return [...suite.specs, ...(suite.suites ?? []).flatMap(specsOf)];
}

const SAID_LINES = 2; // the second often names what was looked for

function firstLines(message: string): string {
  const lines = stripVTControlCharacters(message).split("\n");
  const said = lines.map((line) => line.trim()).filter((line) => line !== "");
  return said.slice(0, SAID_LINES).join(" ");
}

function failureText(label: string, { status, results }: Test): string {
  const message = results.find(({ error }) => error?.message !== undefined)?.error?.message;
  return message === undefined ? `${label} (${status})` : `${label} (${status}): ${firstLines(message)}`;
}

export function playwrightOutcome(json: string): Outcome {
  const report = reportSchema.parse(JSON.parse(json));
  const tests = report.suites
    .flatMap(specsOf)
    .flatMap((spec) => spec.tests.map((test) => ({ test, label: `${spec.file}: ${spec.title}` })));
  const failed = tests.filter(({ test }) => test.status === "unexpected" || test.status === "flaky");
  const errors = report.errors.map((error) => firstLines(error.message ?? "Playwright failed"));
  return {
    passed: tests.filter(({ test }) => test.status === "expected").length,
    failed: failed.length + errors.length,
    skipped: tests.filter(({ test }) => test.status === "skipped").length,
    failures: [...failed.map(({ test, label }) => failureText(label, test)), ...errors],
  };
}
