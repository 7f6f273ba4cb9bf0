/** Reads Playwright's JSON report. A flaky test is a failing test. */
import { z } from "zod";
import type { Outcome } from "./outcome.ts";

const specSchema = z.object({
  title: z.string(),
  file: z.string(),
  tests: z.array(z.object({ status: z.enum(["expected", "unexpected", "flaky", "skipped"]) })),
});

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
  errors: z.array(z.object({ message: z.string().optional() })),
});

function specsOf(suite: Suite): Suite["specs"] {
  return [...suite.specs, ...(suite.suites ?? []).flatMap(specsOf)];
}

export function playwrightOutcome(json: string): Outcome {
  const report = reportSchema.parse(JSON.parse(json));
  const tests = report.suites
    .flatMap(specsOf)
    .flatMap((spec) => spec.tests.map((test) => ({ status: test.status, label: `${spec.file}: ${spec.title}` })));
  const failed = tests.filter((test) => test.status === "unexpected" || test.status === "flaky");
  const errors = report.errors.map((error) => (error.message ?? "Playwright failed").split("\n")[0] ?? "");
  return {
    passed: tests.filter((test) => test.status === "expected").length,
    failed: failed.length + errors.length,
    skipped: tests.filter((test) => test.status === "skipped").length,
    failures: [...failed.map((test) => `${test.label} (${test.status})`), ...errors],
  };
}
