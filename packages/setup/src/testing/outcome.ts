/** What a runner found, in one shape for all runners. */
export interface Outcome {
  passed: number;
  failed: number;
  skipped: number;
  /** One line each, for the person who has to mend them. */
  failures: string[];
}

export const NOTHING: Outcome = { passed: 0, failed: 0, skipped: 0, failures: [] };

export function sum(outcomes: readonly Outcome[]): Outcome {
  return outcomes.reduce(
    (total, one) => ({
      passed: total.passed + one.passed,
      failed: total.failed + one.failed,
      skipped: total.skipped + one.skipped,
      failures: [...total.failures, ...one.failures],
    }),
    NOTHING,
  );
}

export function failure(sentence: string): Outcome {
  return { ...NOTHING, failed: 1, failures: [sentence] };
}
