/** What is told of a change that failed, when what it had done was taken back as well. */
import { MusterError } from "@muster/model/errors";

/** The cause itself; with the failures of the roll-back it is engine_failed, and none of them is lost. */
export function afterRollBack(cause: unknown, failures: readonly unknown[]): unknown {
  if (failures.length === 0) return cause;
  const message = "The change failed, and not all that it had changed could be put back; try again.";
  return new MusterError("engine_failed", message, { cause: new AggregateError([cause, ...failures]) });
}

/** Whether something was left neither old nor new. */
export function isHalfDone(error: unknown): boolean {
  return error instanceof MusterError && error.cause instanceof AggregateError;
}

/** None, or why it failed: a list for afterRollBack. */
export function failuresOf(rollBack: Promise<void>): Promise<unknown[]> {
  return rollBack.then(
    () => [],
    (error: unknown) => [error],
  );
}
