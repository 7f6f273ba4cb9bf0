/** Progress on its way to the job's row: the latest wins, four times a second at most, and a lost one is no loss. */
import { setTimeout as delay } from "node:timers/promises";
import type { Agent } from "@muster/agent-api/agent";
import type { Progress } from "@muster/model/job";
import type { Log } from "../log.ts";
import type { StepContext } from "./operation.ts";

const SHORTEST_MS = 250;

export interface Reporter {
  report(progress: Progress, stepIndex: number): void;
}

export function createReporter(
  write: (stepIndex: number, progress: Progress) => Promise<void>,
  { log, signal }: { log: Log; signal: AbortSignal },
): Reporter {
  let latest: { progress: Progress; stepIndex: number } | undefined;
  let writing = false;

  const writeAll = async (): Promise<void> => {
    writing = true;
    while (latest !== undefined && !signal.aborted) {
      const { progress, stepIndex } = latest;
      latest = undefined;
      await write(stepIndex, progress).catch((err: unknown) => log.warn({ err }, "a job's progress was not written"));
      await delay(SHORTEST_MS, undefined, { signal }).catch(() => {}); // an abort ends the loop
    }
    writing = false;
  };
  return {
    report: (progress, stepIndex) => {
      latest = { progress, stepIndex };
      if (!writing) void writeAll();
    },
  };
}

const ASK_EVERY_MS = 500;

/** Asks the agent how far it has come, for as long as the work lasts. That it cannot say is no reason to fail. */
export async function withProgressOf<Result>(
  agent: Agent,
  { key, report, signal }: Pick<StepContext<unknown>, "key" | "report" | "signal">,
  work: () => Promise<Result>,
): Promise<Result> {
  const done = new AbortController();
  const ended = AbortSignal.any([done.signal, signal]);
  const ask = async (): Promise<void> => {
    while (!ended.aborted) {
      const progress = await agent.progress({ key }).catch(() => null); // the work itself tells of a node that is gone
      if (progress !== null && !ended.aborted) report(progress);
      await delay(ASK_EVERY_MS, undefined, { signal: ended }).catch(() => {}); // an abort ends the loop
    }
  };
  void ask();
  try {
    return await work();
  } finally {
    done.abort();
  }
}
