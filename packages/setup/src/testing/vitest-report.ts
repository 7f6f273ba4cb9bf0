/** Reads Vitest's JSON report. A file that does not even load has no tests to fail: it counts as one failure. */
import { z } from "zod";
import type { Outcome } from "./outcome.ts";

const reportSchema = z.object({
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      message: z.string().optional(),
      assertionResults: z.array(
        z.object({
          fullName: z.string(),
          status: z.string(),
          failureMessages: z.array(z.string()).nullish(),
        }),
      ),
    }),
  ),
});

function firstLine(text: string | undefined): string {
  return (text ?? "").split("\n")[0] ?? "";
}

export function vitestOutcome(json: string): Outcome {
  const files = reportSchema.parse(JSON.parse(json)).testResults;
  const tests = files.flatMap((file) => file.assertionResults.map((test) => ({ file: file.name, ...test })));
  const failed = tests.filter((test) => test.status === "failed");
  const broken = files.filter((file) => file.status === "failed" && !failed.some((test) => test.file === file.name));
  return {
    passed: tests.filter((test) => test.status === "passed").length,
    failed: failed.length + broken.length,
    skipped: tests.filter((test) => !["passed", "failed"].includes(test.status)).length,
    failures: [
      ...failed.map((test) => `${test.file}: ${test.fullName}: ${firstLine(test.failureMessages?.[0])}`),
      ...broken.map((file) => `${file.name}: ${firstLine(file.message)}`),
    ],
  };
}
