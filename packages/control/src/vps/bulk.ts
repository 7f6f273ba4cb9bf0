/** The same asked of many VPSs: a job for each, or the reason why there is none. A few statements, however many they are. */
import { errorView, MusterError } from "@muster/model/errors";
import type { Vps } from "@muster/model/vps";
import type { Clock } from "../clock.ts";
import type { BulkAction, BulkRequest, BulkResult, Fleet } from "../fleet.ts";
import type { NewJob } from "../jobs/store.ts";
import type { ChangeResult } from "../limits/change-store.ts";
import { askedOf, checkUntil, type createLimits } from "../limits/limits.ts";
import type { Runner } from "../operations/runner.ts";
import { checkAllowed, gone, heldBy } from "./allowed.ts";
import { placedJob } from "./placed-job.ts";
import type { VpsStore } from "./store.ts";

export interface BulkOptions {
  store: VpsStore;
  limits: Pick<ReturnType<typeof createLimits>, "setMany">;
  runner: Pick<Runner, "wake">;
  clock: Clock;
}

type Results = Map<string, ChangeResult>;

export function createBulk(options: BulkOptions): Fleet["vps"]["bulk"] {
  return async ({ vpsIds, action, actor }) => {
    const ids = [...new Set(vpsIds)];
    const found = await options.store.some(ids);
    const results: Results = new Map();
    const vps = ids.flatMap((id) => found.get(id) ?? []);
    if (action.type === "setLimits") await setLimits(options, { vps, action, actor }, results);
    else await hold(options, { vps, action, actor }, results);
    return vpsIds.map((vpsId) => viewOf(results.get(vpsId) ?? { vpsId, error: gone() }));
  };
}

function viewOf(result: ChangeResult): BulkResult {
  return "jobId" in result ? result : { vpsId: result.vpsId, error: errorView(result.error) };
}

interface Asked<Action> extends Pick<BulkRequest, "actor"> {
  vps: readonly Vps[];
  action: Action;
}

/**
 * Node by node, each in a transaction of its own: what one node refuses is nothing to another. Nor is a database that
 * goes away between two nodes: what was written down is done, and its caller is to know.
 */
async function setLimits(
  { limits, clock }: BulkOptions,
  { vps, action, actor }: Asked<Extract<BulkAction, { type: "setLimits" }>>,
  results: Results,
): Promise<void> {
  checkUntil(action.until, clock.nowMs());
  for (const [nodeId, ofNode] of Map.groupBy(vps, (one) => one.nodeId)) {
    const asked = ofNode.map(({ id }) => askedOf({ vpsId: id, limits: action.limits, until: action.until, actor }));
    const found = await limits.setMany(nodeId, asked).catch((error: unknown) => {
      if (!(error instanceof MusterError) || (error.code === "database_unavailable" && results.size === 0)) throw error;
      return asked.map(({ vpsId }) => ({ vpsId, error }));
    });
    for (const result of found) results.set(result.vpsId, result);
  }
}

async function hold(
  { store, runner }: BulkOptions,
  { vps, action, actor }: Asked<Exclude<BulkAction, { type: "setLimits" }>>,
  results: Results,
): Promise<void> {
  const kind = `vps.${action.type}` as const;
  const jobs: NewJob[] = [];
  for (const one of vps) {
    try {
      checkAllowed(one, kind);
      jobs.push(placedJob(one, kind, actor));
    } catch (error) {
      if (!(error instanceof MusterError)) throw error;
      results.set(one.id, { vpsId: one.id, error });
    }
  }
  const held = await store.hold(jobs);
  runner.wake();
  const lost = jobs.flatMap(({ id, vpsId }) => (vpsId === null || held.has(id) ? [] : [vpsId]));
  const now = await store.some(lost).catch((error: unknown) => {
    if (held.size === 0 || !(error instanceof MusterError)) throw error;
    return error; // what was written down is done, and its caller is to know
  });
  for (const { id: jobId, vpsId } of jobs) {
    if (vpsId === null) continue;
    if (held.has(jobId)) results.set(vpsId, { vpsId, jobId });
    else results.set(vpsId, { vpsId, error: now instanceof MusterError ? now : lostTo(now.get(vpsId)) });
  }
}

const lostTo = (holder: Vps | undefined) => (holder === undefined ? gone() : heldBy(holder));
