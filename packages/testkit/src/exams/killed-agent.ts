/** One trial of the third exam's other half: the agent dies in a call of the job's, and comes back. */
import { setTimeout as delay } from "node:timers/promises";
import { MusterError } from "@muster/model/errors";
import { expect } from "vitest";
import type { Plan } from "./director.ts";
import type { Grounds } from "./grounds.ts";
import type { Strike } from "./machine.ts";
import { type Point, turnsBack } from "./points.ts";
import { ask, endOf, expectAsBefore, expectDone, type Trial } from "./trial.ts";

/** As long as a supervisor takes to start it again. */
const DOWN_MS = 100;

export interface AgentDeath {
  point: Point;
  when: Strike["when"];
  trial: Trial;
}

function striking(grounds: Grounds, { point, when, trial }: AgentDeath): Plan {
  const host = grounds.hostOf(trial.subject);
  let armed = true;
  const struck: Strike["struck"] = () => void delay(DOWN_MS).then(() => host.boot());
  return (at) => {
    const { jobId, step, direction, moment } = at;
    if (point.direction === "undo" && turnsBack(at))
      throw new MusterError("engine_failed", "It broke, as the exam asked.");
    if (!armed || step !== point.step || direction !== point.direction || moment !== "before") return;
    armed = false;
    return host.arm({ key: keyOf(jobId, point), when, struck });
  };
}

const keyOf = (jobId: string, { step, direction }: Point) => `${jobId}:${step}${direction === "undo" ? ":undo" : ""}`;

export async function holdAgentDeath(grounds: Grounds, deed: AgentDeath): Promise<void> {
  const { point, trial } = deed;
  const job = await endOf(grounds, await ask(grounds, trial, striking(grounds, deed)));
  await grounds.hostOf(trial.subject).arm(null); // a step that asks nothing of its node was not struck
  expect(job.state).toBe(point.direction === "do" ? "succeeded" : "failed");
  await (point.direction === "do" ? expectDone : expectAsBefore)(grounds, trial);
}
