/**
 * Tells every job of an exam what happens to it, at each moment of each step. A job may begin before its id is known to
 * whoever asked for it: it waits until it has been told.
 */
import type { Moment } from "@muster/control/operations/run-job";

/** What it throws is the step's failure. */
export type Plan = (moment: Moment) => Promise<void> | void;

export const UNDISTURBED: Plan = () => undefined;

export interface Director {
  /** For the server's hooks. */
  at(moment: Moment): Promise<void>;
  direct(jobId: string, plan: Plan): void;
  /** From now on jobs wait for their plans; those of the set-up did not. */
  begin(): void;
}

export function createDirector(): Director {
  const plans = new Map<string, PromiseWithResolvers<Plan>>();
  let begun = false;
  const planOf = (jobId: string): PromiseWithResolvers<Plan> => {
    const known = plans.get(jobId) ?? Promise.withResolvers<Plan>();
    plans.set(jobId, known);
    return known;
  };
  return {
    at: async (moment) => {
      if (begun) await (await planOf(moment.jobId).promise)(moment);
    },
    direct: (jobId, plan) => planOf(jobId).resolve(plan),
    begin: () => {
      begun = true;
    },
  };
}
