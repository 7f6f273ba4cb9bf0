/** One trial of the first exam: a job breaks at a point, and goes on once the cause is gone. */
import { MusterError } from "@muster/model/errors";
import { expect } from "vitest";
import type { Plan } from "./director.ts";
import type { Grounds } from "./grounds.ts";
import { isAt, type Point, turnsBack, UNDOABLE } from "./points.ts";
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

export async function holdFailing(grounds: Grounds, point: Point, trial: Trial): Promise<void> {
  const { plan, mend } = breaking(point);
  const jobId = await ask(grounds, trial, plan);
  const job = await endOf(grounds, jobId);
  if (point.direction === "undo") expectPlainlyStuck(job);
  if (job.state === "stuck") {
    expectPlainlyStuck(job);
    mend();
    const again = await retried(grounds, trial, jobId);
    expect(again.id).toBe(jobId);
    if (point.direction === "do") return await expectDone(grounds, trial);
    expect(again.state).toBe("failed");
    return await expectAsBefore(grounds, trial);
  }
  expect(job).toMatchObject({ state: "failed", error: { code: "engine_failed" } });
  const mayStand = point.moment === "done" && !UNDOABLE.includes(point.kind);
  await (mayStand ? expectEither : expectAsBefore)(grounds, trial);
  mend();
  if (!mayStand) expect(await retried(grounds, trial, jobId)).toMatchObject({ state: "succeeded", retryOf: jobId });
  if (!mayStand) await expectDone(grounds, trial);
}
