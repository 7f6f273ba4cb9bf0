/** One job put through one bad moment, and what must be true of the fleet afterwards. */
import { JOB_ENDED, type Job, type JobKind } from "@muster/model/job";
import { expect, vi } from "vitest";
import { ended } from "../fleet.ts";
import { atMost } from "./at-most.ts";
import { type Plan, UNDISTURBED } from "./director.ts";
import type { Grounds } from "./grounds.ts";
import { SCENARIOS, type Scenario } from "./scenarios.ts";
import { inBooks, type Sight } from "./sight.ts";
import { EXAMINER, heard, type Subject } from "./subject.ts";

const ENDS_WITHIN_MS = 60_000;
/** A status travels from a node by itself, a moment after its job has ended. */
const SEEN_WITHIN_MS = 15_000;
/** What no job brings to its node's list is seen when the server next takes stock of the node: every 30 s. */
const TAKEN_STOCK_WITHIN_MS = 45_000;

export interface Trial {
  kind: JobKind;
  subject: Subject;
  before: Sight;
}

export async function beginTrial(grounds: Grounds, kind: JobKind, at: number): Promise<Trial> {
  const subject = await grounds.subject(kind, at);
  return { kind, subject, before: await grounds.sight(subject) };
}

/** Each waits for its own set-up: a hundred at once would all wait for the last one's, longer than any may. */
const SET_UP_AT_ONCE = 12;

/** One for each thing that an exam examines, in its order. */
export async function beginTrials<Examined extends { point: { kind: JobKind } }>(
  grounds: Grounds,
  all: readonly Examined[],
): Promise<(Examined & { trial: Trial })[]> {
  const settingUp = atMost(SET_UP_AT_ONCE);
  const begun = all.map(async (one, index) => {
    const trial = await settingUp(() => beginTrial(grounds, one.point.kind, index));
    return { ...one, trial };
  });
  return await Promise.all(begun);
}

/** Asks for the job, with that plan for it. */
export async function ask(grounds: Grounds, { kind, subject }: Trial, plan: Plan): Promise<string> {
  await heard(grounds.test.fleet(), subject);
  const { jobId } = await SCENARIOS[kind].request(grounds.test.fleet(), subject, grounds.bootOf(subject));
  grounds.director.direct(jobId, plan);
  return jobId;
}

export async function endOf(grounds: Grounds, jobId: string): Promise<Job> {
  const job = await ended(grounds.test.fleet(), jobId, ENDS_WITHIN_MS);
  expect(job.endedAt).not.toBeNull();
  expect(job.steps.filter(({ state }) => state === "running")).toEqual([]);
  return job;
}

/** Tries it again once nothing is in its way; the same job where it was stuck, a new one otherwise. */
export async function retried(grounds: Grounds, { subject }: Trial, jobId: string): Promise<Job> {
  await heard(grounds.test.fleet(), subject);
  const again = await grounds.test.fleet().jobs.retry({ jobId, actor: EXAMINER });
  if (again.jobId !== jobId) grounds.director.direct(again.jobId, UNDISTURBED);
  return await endOf(grounds, again.jobId);
}

const seen = (check: () => Promise<void>, timeout = SEEN_WITHIN_MS) => vi.waitFor(check, { timeout, interval: 50 });

export async function expectAsBefore(grounds: Grounds, { subject, before }: Trial): Promise<void> {
  await seen(async () => expect(await grounds.sight(subject)).toEqual(before));
  await expectNoLock(grounds, subject);
}

function afterOf({ kind, subject, before }: Trial): Partial<Sight> {
  const scenario: Scenario = SCENARIOS[kind];
  return scenario.after(before, subject);
}

export async function expectDone(grounds: Grounds, trial: Trial): Promise<void> {
  const after = afterOf(trial);
  await seen(async () => expect(await grounds.sight(trial.subject)).toMatchObject(after));
  await expectNoLock(grounds, trial.subject);
}

/** For an effect that may stand when its answer was lost. */
export async function expectEither(grounds: Grounds, trial: Trial): Promise<void> {
  const either = expect.toBeOneOf([trial.before, expect.objectContaining(afterOf(trial))]);
  await seen(async () => expect(await grounds.sight(trial.subject)).toEqual(either), TAKEN_STOCK_WITHIN_MS);
  await expectNoLock(grounds, trial.subject);
}

export function expectPlainlyStuck(job: Job): void {
  expect(job).toMatchObject({ state: "stuck", error: { message: expect.stringMatching(/\w+ \w+/) } });
  expect(job.advice).toMatch(/\w+ \w+/);
}

async function expectNoLock(grounds: Grounds, subject: Subject): Promise<void> {
  const fleet = grounds.test.fleet();
  const holding = (await inBooks(fleet, subject))?.holdingJob;
  if (holding)
    expect(JOB_ENDED[(await fleet.jobs.get(holding.jobId)).state], "held by a job that has ended").toBe(false);
}
