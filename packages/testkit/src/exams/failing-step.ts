/** One trial of the first exam: a job breaks at a point, and goes on once the cause is gone. */
import { MusterError } from "@muster/model/errors";
import type { Job } from "@muster/model/job";
import { expect, vi } from "vitest";
import type { Plan } from "./director.ts";
import type { Grounds } from "./grounds.ts";
import { isAt, type Point, turnsBack } from "./points.ts";
import {
  ask,
  endOf,
  expectAsBefore,
  expectDone,
  expectEither,
  expectPlainlyStuck,
  retried,
  type Trial,
} from "./trial.ts";

const broken = () => new MusterError("engine_failed", "It broke, as the exam asked.");

/** Breaks at that point until it is mended; an undo is only come to when the step that everything hangs on breaks too. */
function breaking(point: Point): { plan: Plan; mend(): void } {
  let cause = true;
  return {
    plan: (moment) => {
      const turns = point.direction === "undo" && turnsBack(moment);
      if (cause && (turns || isAt(moment, point))) throw broken();
    },
    mend: () => {
      cause = false;
    },
  };
}

/** A template that came after all harms nobody: the only effect whose lost answer may let it stand, in a job that failed. */
const mayStand = ({ kind, step, moment }: Point): boolean =>
  kind === "template.import" && step === "unpack" && moment === "done";

const ENDED_WITHIN_MS = 30_000;

/** Its VPS went with the taking back, which then failed: nobody can mend what is not there. */
async function isAboutNothing(grounds: Grounds, { vpsId }: Job): Promise<boolean> {
  if (vpsId === null) return false;
  return await grounds.test
    .fleet()
    .vps.get(vpsId)
    .then(
      () => false,
      (error: unknown) => error instanceof MusterError && error.code === "not_found",
    );
}

/** Such a job is ended by the watcher of stuck jobs, which may come before any retry. */
async function expectEndedByItself(grounds: Grounds, jobId: string): Promise<void> {
  const stateNow = async () => (await grounds.test.fleet().jobs.get(jobId)).state;
  await vi.waitFor(async () => expect(await stateNow()).toBe("failed"), { timeout: ENDED_WITHIN_MS, interval: 100 });
}

export async function holdFailing(grounds: Grounds, point: Point, trial: Trial): Promise<void> {
  const { plan, mend } = breaking(point);
  const jobId = await ask(grounds, trial, plan);
  const job = await endOf(grounds, jobId);
  if (point.direction === "undo") expectPlainlyStuck(job);
  if (job.state === "stuck") {
    expectPlainlyStuck(job);
    mend();
    if (point.direction === "undo" && (await isAboutNothing(grounds, job))) {
      await expectEndedByItself(grounds, jobId);
      return await expectAsBefore(grounds, trial);
    }
    const again = await retried(grounds, trial, jobId);
    expect(again.id).toBe(jobId);
    if (point.direction === "do") return await expectDone(grounds, trial);
    expect(again.state).toBe("failed");
    return await expectAsBefore(grounds, trial);
  }
  expect(job).toMatchObject({ state: "failed", error: { code: "engine_failed" } });
  await (mayStand(point) ? expectEither : expectAsBefore)(grounds, trial);
  mend();
  expect(await retried(grounds, trial, jobId)).toMatchObject({ state: "succeeded", retryOf: jobId });
  await expectDone(grounds, trial);
}
