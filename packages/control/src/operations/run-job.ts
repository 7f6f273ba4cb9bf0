/**
 * Runs one job of an operation: forward step by step, back in reverse when a step before the commit point fails.
 *
 * It is a DBOS workflow, so it has to be deterministic: all that happens is in `durable` steps, whose outcomes are
 * recorded and repeated to it after a restart; failures are values, since an error thrown into DBOS's record comes
 * back without its class. The rows that people see are changed inside the same durable steps, together with the
 * change of the step before, so a step costs one round trip for its row and two for DBOS's record.
 */
import type { ErrorView } from "@muster/model/errors";
import { onceDatabaseAnswers } from "../database-access.ts";
import type { JobStore, StepChange } from "../jobs/store.ts";
import type { Log } from "../log.ts";
import { attempt, type Outcome, parked } from "./attempt.ts";
import type { Operation, StepTools } from "./operation.ts";

export interface JobTools extends StepTools {
  jobs: JobStore;
  log: Log;
  stopping: AbortSignal;
  /** Runs the work once and for all: after a restart its recorded outcome comes back instead. */
  durable(name: string, work: () => Promise<Outcome>): Promise<Outcome>;
}

interface Job {
  id: string;
  operation: Operation;
  input: unknown;
  tools: JobTools;
}

/** `endedMs`: when each step that this process did came to its end, for the history and for nothing else. */
type Run = Job & { endedMs: Map<number, number> };

export async function runJob(given: Job): Promise<void> {
  const job: Run = { ...given, endedMs: new Map() };
  const { operation } = job;
  let committed = false;
  let before: StepChange[] = [];
  for (const [index, step] of operation.steps.entries()) {
    if (step.doneBefore) continue;
    const outcome = await perform(job, { index, direction: "do", before });
    if (!outcome.ok) {
      const failed: StepChange = { index, state: "failed", error: outcome.error };
      const rest = skippedAfter(operation, index);
      if (committed) return await finish(job, [failed, ...rest], { state: "stuck", error: outcome.error });
      return await unwind(job, { failedIndex: index, error: outcome.error, changes: [failed, ...rest] });
    }
    committed ||= step.commits;
    before = [{ index, state: "done" }];
  }
  await finish(job, before, { state: "succeeded" });
}

function skippedAfter(operation: Operation, index: number): StepChange[] {
  return operation.steps.flatMap((_, other) => (other > index ? [{ index: other, state: "skipped" as const }] : []));
}

/** The step that failed may be half done, so it is undone too; it stays `failed` in the history. */
async function unwind(job: Run, from: { failedIndex: number; error: ErrorView; changes: StepChange[] }): Promise<void> {
  let before = from.changes;
  for (let index = from.failedIndex; index >= 0; index -= 1) {
    if (!job.operation.steps[index]?.undoable) continue;
    const outcome = await perform(job, { index, direction: "undo", before });
    if (!outcome.ok) {
      return await finish(job, [{ index, state: "undo_failed", error: outcome.error }], {
        state: "stuck",
        error: stuck(outcome.error),
      });
    }
    before = index === from.failedIndex ? [] : [{ index, state: "undone" }];
  }
  await finish(job, before, { state: "failed", error: from.error });
}

function stuck(error: ErrorView): ErrorView {
  return {
    ...error,
    message: `It failed, and taking it back failed too: ${error.message} Delete the VPS once its node answers.`,
  };
}

async function perform(
  job: Run,
  at: { index: number; direction: "do" | "undo"; before: StepChange[] },
): Promise<Outcome> {
  const { operation, tools } = job;
  const step = operation.steps[at.index];
  if (step === undefined) throw new RangeError(`${operation.kind} has no step ${at.index}`);
  const undoing = at.direction === "undo";
  const name = undoing ? `${step.name}:undo` : step.name;
  return await tools.durable(name, async () => {
    const steps: StepChange[] = undoing ? at.before : [...at.before, { index: at.index, state: "running" }];
    await record(job, { steps, state: undoing ? "undoing" : "running" });
    const { agents, vps, nodes } = tools;
    const context = { agents, vps, nodes, jobId: job.id, key: `${job.id}:${name}`, input: job.input };
    const outcome = await attempt((signal) => operation.run(at.index, at.direction, { ...context, signal }), {
      deadlineMs: step.deadlineMs,
      stopping: tools.stopping,
      onFailure: (err) => tools.log.warn({ err, jobId: job.id, step: name }, "a step failed"),
    });
    job.endedMs.set(at.index, performance.now());
    return outcome;
  });
}

async function finish(
  job: Run,
  steps: StepChange[],
  end: { state: "succeeded" | "failed" | "stuck"; error?: ErrorView },
) {
  await record(job, { steps, ...end });
  job.tools.log.info({ jobId: job.id, kind: job.operation.kind, state: end.state }, "a job ended");
}

type Recorded = {
  steps: StepChange[];
  state: "running" | "undoing" | "succeeded" | "failed" | "stuck";
  error?: ErrorView;
};

async function record(job: Run, { steps, ...state }: Recorded): Promise<void> {
  const { jobs, stopping } = job.tools;
  const timed = steps.map((step) => {
    const endedMs = job.endedMs.get(step.index);
    return endedMs === undefined || step.state === "running" ? step : { ...step, agoMs: performance.now() - endedMs };
  });
  try {
    await onceDatabaseAnswers(() => jobs.change({ jobId: job.id, steps: timed, job: state }), stopping);
  } catch (error) {
    if (stopping.aborted) return await parked();
    throw error;
  }
}
