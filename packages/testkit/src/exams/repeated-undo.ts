/** One trial of the second exam: everything is taken back, each undo twice. */
import { MusterError } from "@muster/model/errors";
import { expect } from "vitest";
import type { Plan } from "./director.ts";
import type { Grounds } from "./grounds.ts";
import { turnsBack, undoPoints } from "./points.ts";
import { ask, endOf, expectAsBefore, type Trial } from "./trial.ts";

const TIMES = 2;

/** The first time that an undo is done it is told to come again; `overloaded` is tried again with the same key. */
function twice(): { plan: Plan; times: Map<string, number> } {
  const times = new Map<string, number>();
  const plan: Plan = (at) => {
    if (turnsBack(at)) throw new MusterError("engine_failed", "It broke, as the exam asked.");
    const { step, direction, moment } = at;
    if (direction === "do" || moment !== "done") return;
    const time = (times.get(step) ?? 0) + 1;
    times.set(step, time);
    if (time < TIMES) throw new MusterError("overloaded", "Once more, as the exam asked.");
  };
  return { plan, times };
}

export async function holdRepeating(grounds: Grounds, trial: Trial): Promise<void> {
  const { plan, times } = twice();
  const job = await endOf(grounds, await ask(grounds, trial, plan));
  expect(job.state).toBe("failed");
  const undone = undoPoints(["done"]).filter(({ kind }) => kind === trial.kind);
  expect(times).toEqual(new Map(undone.map(({ step }) => [step, TIMES])));
  await expectAsBefore(grounds, trial);
}
