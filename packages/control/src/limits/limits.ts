/** What may be asked of the limits of a VPS: to change them, for good or until a certain time, and what holds now. */
import type { Agent } from "@muster/agent-api/agent";
import { MusterError } from "@muster/model/errors";
import type { Clock } from "../clock.ts";
import type { Fleet, SetLimitsRequest } from "../fleet.ts";
import type { Runner } from "../operations/runner.ts";
import type { VpsStore } from "../vps/store.ts";
import type { AskedChange, ChangeResult } from "./change-store.ts";
import { limitsJob } from "./job.ts";
import type { LimitsStore } from "./store.ts";

export interface LimitsOptions {
  store: VpsStore;
  limits: LimitsStore;
  runner: Pick<Runner, "wake">;
  clock: Clock;
  agentFor: (nodeId: string) => Promise<Agent>;
}

type Limits = Pick<
  Fleet["vps"],
  "setLimits" | "readLimits" | "allocations" | "timedChanges" | "notSetBack" | "cancelTimedChange"
> & {
  /** Each becomes a job, or is refused by itself. All are of that node. */
  setMany(nodeId: string, asked: readonly AskedChange[]): Promise<ChangeResult[]>;
};

export function createLimits({ store, limits, runner, clock, agentFor }: LimitsOptions): Limits {
  const setMany: Limits["setMany"] = async (nodeId, asked) => {
    const results = await limits.changes.reserve({ nodeId, asked, job: limitsJob });
    runner.wake();
    return results;
  };
  return {
    setMany,

    async setLimits(request) {
      checkUntil(request.until, clock.nowMs());
      const { nodeId } = await store.get(request.vpsId);
      const [result] = await setMany(nodeId, [askedOf(request)]);
      if (result === undefined || "error" in result) throw result?.error ?? new RangeError("no result of one request");
      return { jobId: result.jobId };
    },

    async readLimits(vpsId, names) {
      const { nodeId } = await store.get(vpsId);
      return await (await agentFor(nodeId)).readLimits({ vpsId, names });
    },

    allocations: (vpsId) => limits.allocations.list(vpsId),
    timedChanges: (vpsId) => limits.timed.list(vpsId),
    notSetBack: ({ vpsId }) => limits.notSetBack.list(vpsId),
    cancelTimedChange: ({ id, actor }) => limits.timed.cancel(id, actor),
  };
}

export function askedOf({ vpsId, limits, until, actor, retryOf }: SetLimitsRequest): AskedChange {
  const iso = until === undefined ? null : new Date(until).toISOString();
  return { vpsId, limits, actor, until: iso, retryOf: retryOf ?? null };
}

const YEAR_MS = 366 * 86_400_000;

export function checkUntil(until: string | undefined, nowMs: number): void {
  if (until === undefined) return;
  const leftMs = Date.parse(until) - nowMs;
  if (leftMs > 0 && leftMs <= YEAR_MS) return;
  const wrong = leftMs > 0 ? "is more than a year away" : "has passed";
  throw new MusterError("invalid_input", `The time until which it is to hold ${wrong}.`, { field: "until" });
}
