/**
 * Runs one job of an operation: forward step by step, back in reverse when a step before the commit point fails or
 * somebody cancels it. It goes on from the job's rows, wherever the server before it was: what is recorded as done is
 * not done again, what was running or being taken back is done again under the same key.
 *
 * The end of a step is recorded with the beginning of the next, so a step costs one round trip. Between a cancel and
 * the commit point the database decides: the record that begins the committing step (or the first one after a step
 * without an undo) sets `committed`, unless a cancel was accepted before; and a cancel is only accepted while
 * `committed` is not set. So whoever was told "cancelled" is right, and so is whoever was told "too late".
 */
import type { ErrorView } from "@muster/model/errors";
import { JOB_ENDED, type JobKind, type Progress, type StepState } from "@muster/model/job";
import { onceDatabaseAnswers } from "../database-access.ts";
import type { ClaimedJob, JobEnd, Journal, StepChange } from "../jobs/journal.ts";
import type { Log } from "../log.ts";
import { attempt, LetGo, type Outcome } from "./attempt.ts";
import type { Operation, StepOutline, StepOutput, StepTools } from "./operation.ts";

export interface Moment {
  jobId: string;
  kind: JobKind;
  step: string;
  direction: "do" | "undo";
  /** Before its work, after its work, after its record. */
  moment: "before" | "done" | "recorded";
}

export interface JobTools extends StepTools {
  journal: Pick<Journal, "change">;
  log: Log;
  /** For tests that let a server die at a chosen moment, or a step fail: what it throws in or after the work is the step's failure. */
  at?: ((moment: Moment) => Promise<void> | void) | undefined;
}

export interface JobAtWork {
  job: ClaimedJob;
  operation: Operation;
  tools: JobTools;
  cancelled: AbortSignal;
  letGo: AbortSignal;
  report: (progress: Progress, stepIndex: number) => void;
}

type Direction = Moment["direction"];

/** What is known of the job now. `pending`: changes that go with the next record. */
interface Run extends JobAtWork {
  states: StepState[];
  outputs: Record<string, StepOutput>;
  pending: StepChange[];
  /** The last change of each step that this process changed, to be told again with the job's end. */
  told: Map<number, StepChange>;
  /** When each step that this process did came to its end: it is told with the next record. */
  endedMs: Map<number, number>;
}

/** @throws LetGo when the job is not this server's any more, or the server stops. */
export async function runJob(given: JobAtWork): Promise<void> {
  const rows = new Map(given.job.steps.map((step) => [step.index, step]));
  const run: Run = {
    ...given,
    states: given.operation.steps.map((_, index) => rows.get(index)?.state ?? "waiting"),
    outputs: Object.fromEntries(given.job.steps.flatMap(({ name, output }) => (output ? [[name, output]] : []))),
    pending: [],
    told: new Map(),
    endedMs: new Map(),
  };
  if (given.job.state === "undoing") await unwind(run, errorOf(given.job));
  else await forward(run);
}

/** Why a job is being taken back that another server has begun to take back. */
function errorOf({ steps, cancel_requested }: ClaimedJob): ErrorView {
  const failed = steps.find((step) => step.state === "failed");
  // One that could not be taken back either kept why it failed.
  const stuck = cancel_requested ? undefined : steps.findLast((step) => step.state === "undo_failed");
  return (failed ?? stuck)?.error ?? CANCELLED;
}

const CANCELLED: ErrorView = { code: "cancelled", message: "It was cancelled." };

async function forward(run: Run): Promise<void> {
  for (const [index, step] of run.operation.steps.entries()) {
    if (step.doneBefore || run.states[index] === "done") continue;
    if (run.states[index] !== "running" && (await begin(run, index, step)) === "cancelled") {
      return await unwind(run, CANCELLED);
    }
    const outcome = await perform(run, index, "do");
    if (outcome.ok) {
      change(run, { index, state: "done", ...(outcome.output && { output: outcome.output }) });
      continue;
    }
    change(run, { index, state: "failed", error: outcome.error });
    if (isPastCommit(run, index)) {
      skipAfter(run, index);
      return await finish(run, stuck(run, outcome.error));
    }
    return await unwind(run, outcome.error);
  }
  const told = await record(run, { state: "succeeded" }, { unlessCancelled: canBeTakenBack(run) });
  if (told === "cancelled") return await unwind(run, CANCELLED);
  logEnd(run, "succeeded");
}

async function begin(run: Run, index: number, step: StepOutline): Promise<"recorded" | "cancelled"> {
  const unlessCancelled = canBeTakenBack(run);
  change(run, { index, state: "running" });
  const told = await record(run, { state: "running", commits: step.commits || !unlessCancelled }, { unlessCancelled });
  if (told === "cancelled") {
    run.states[index] = "waiting"; // its beginning was not written
    run.told.delete(index);
  }
  return told;
}

/**
 * Failures before the end of the committing step are taken back, that step's own included. Where nothing can be taken
 * back, a committing step that failed may be half done for good: that is past it too.
 */
function isPastCommit({ operation: { steps }, states }: Run, failed: number): boolean {
  if (steps.some((step, index) => index < failed && step.commits && states[index] === "done")) return true;
  return steps[failed]?.commits === true && !steps.some((step, index) => index <= failed && step.undoable);
}

/** Half of a job whose first half has no undo is no state to leave a VPS in: it goes on, whoever cancels. */
function canBeTakenBack({ operation, states }: Run): boolean {
  return operation.steps.every((step, index) => step.doneBefore || step.undoable || states[index] !== "done");
}

function change(run: Run, one: StepChange): void {
  run.states[one.index] = one.state;
  run.pending.push(one);
  run.told.set(one.index, { ...run.told.get(one.index), ...one });
  const name = run.operation.steps[one.index]?.name;
  if (one.output !== undefined && name !== undefined) run.outputs[name] = one.output;
}

function skipAfter(run: Run, index: number): void {
  for (const [other, state] of run.states.entries()) {
    if (other > index && state === "waiting") change(run, { index: other, state: "skipped" });
  }
}

/** The step that failed may be half done, so it is undone too; it stays `failed` in the history. */
async function unwind(run: Run, error: ErrorView): Promise<void> {
  const { operation, states } = run;
  const last = states.findLastIndex((state) => state !== "waiting" && state !== "skipped");
  skipAfter(run, last);
  for (let index = last; index >= 0; index -= 1) {
    if (!operation.steps[index]?.undoable || states[index] === "undone") continue;
    await record(run, { state: "undoing", error });
    const outcome = await perform(run, index, "undo");
    if (!outcome.ok) {
      change(run, { index, state: "undo_failed", error: outcome.error });
      return await finish(
        run,
        stuck(run, { ...outcome.error, message: `Taking it back failed: ${outcome.error.message}` }),
      );
    }
    if (states[index] !== "failed") change(run, { index, state: "undone" });
  }
  await finish(run, { state: "failed", error });
}

function stuck({ operation }: Run, error: ErrorView): JobEnd {
  return { state: "stuck", error, advice: operation.stuckAdvice };
}

async function perform(run: Run, index: number, direction: Direction): Promise<Outcome> {
  const { operation, tools, job } = run;
  const step = operation.steps[index];
  if (step === undefined) throw new RangeError(`${operation.kind} has no step ${index}`);
  const name = direction === "undo" ? `${step.name}:undo` : step.name;
  const { agents, vps, nodes, limits, at } = tools;
  const moment = { jobId: job.id, kind: operation.kind, step: step.name, direction };
  const context = {
    ...{ agents, vps, nodes, limits, jobId: job.id, key: `${job.id}:${name}`, input: job.input, outputs: run.outputs },
    report: (progress: Progress) => run.report(progress, index),
  };
  const work = async (signal: AbortSignal) => {
    await at?.({ ...moment, moment: "before" });
    const output = await operation.run(index, direction, { ...context, signal });
    await at?.({ ...moment, moment: "done" });
    return output;
  };
  const outcome = await attempt(work, {
    deadlineMs: step.deadlineMs,
    letGo: run.letGo,
    cancelled: direction === "do" && canBeTakenBack(run) ? run.cancelled : undefined,
    onFailure: (err) => tools.log.warn({ err, jobId: job.id, step: name }, "a step failed"),
  });
  run.endedMs.set(index, performance.now());
  return outcome;
}

async function finish(run: Run, end: JobEnd): Promise<void> {
  await record(run, end);
  logEnd(run, end.state);
}

function logEnd({ job, tools, operation }: Run, state: string): void {
  tools.log.info({ jobId: job.id, kind: operation.kind, state }, "a job ended");
}

type Recorded = JobEnd | { state: "running"; commits: boolean } | { state: "undoing"; error: ErrorView };

/** Writes what is pending down, and what the job has come to. `cancelled`: the steps are written, the job goes back. */
async function record(run: Run, to: Recorded, { unlessCancelled = false } = {}): Promise<"recorded" | "cancelled"> {
  const { job, tools, operation, letGo, pending } = run;
  const steps = [...pending, ...(JOB_ENDED[to.state] ? toldBefore(run) : [])].map((step) => {
    const endedMs = run.endedMs.get(step.index);
    return endedMs === undefined || step.state === "running" ? step : { ...step, agoMs: performance.now() - endedMs };
  });
  const told = await onceDatabaseAnswers(
    () => tools.journal.change({ jobId: job.id, steps, to, unlessCancelled }),
    letGo,
  ).catch((error: unknown) => {
    throw letGo.aborted ? new LetGo("the server stops", { cause: error }) : error;
  });
  if (told === "lost") throw new LetGo("another server has the job");
  run.pending = [];
  for (const { index, state } of pending) {
    const direction = state === "undone" || state === "undo_failed" ? "undo" : "do";
    const step = operation.steps[index]?.name;
    if (step === undefined || !run.endedMs.has(index) || state === "running") continue;
    await tools.at?.({ jobId: job.id, kind: operation.kind, step, direction, moment: "recorded" });
  }
  return told;
}

/** Progress does not wait for the disk (journal.ts): what a PostgreSQL forgot that was killed is told with the end. */
function toldBefore({ pending, told }: Run): StepChange[] {
  const fresh = new Set(pending.map(({ index }) => index));
  return [...told.values()].filter(({ index }) => !fresh.has(index)).map((step) => ({ ...step, again: true }));
}
