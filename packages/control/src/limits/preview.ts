/** What a change of limits would mean, before anything is done: it is planned as the job's transaction would plan it. */
import { errorView, MusterError } from "@muster/model/errors";
import { headroomOf, pressedBy, type Tenant } from "@muster/model/limits/headroom";
import type { LimitsPreview } from "@muster/model/limits/preview";
import type { LimitsChange } from "@muster/model/limits/registry";
import type { Vps } from "@muster/model/vps";
import type { Clock } from "../clock.ts";
import type { DatabaseAccess } from "../database-access.ts";
import type { Fleet } from "../fleet.ts";
import type { MetricsStore, VpsUse } from "../metrics/store.ts";
import { type NodeFacts, readNodeFacts } from "../placement/facts-store.ts";
import { sumOfShares } from "../placement/shares.ts";
import { gone } from "../vps/allowed.ts";
import type { VpsStore } from "../vps/store.ts";
import { planChange, wantedChange } from "./plan.ts";

export interface PreviewOptions {
  access: DatabaseAccess;
  store: VpsStore;
  metrics: MetricsStore;
  clock: Clock;
}

/** Stored samples are 10 s apart, and two make a rate; older than this is not "now". */
const USE_WINDOW_MS = 60_000;

export function createPreview({ access, store, metrics, clock }: PreviewOptions): Fleet["vps"]["previewLimits"] {
  return async ({ vpsIds, limits }) => {
    const found = await store.some(vpsIds);
    const nowMs = clock.nowMs();
    const nodes: LimitsPreview["nodes"] = [];
    const refusals = new Map<string, MusterError>();
    for (const [nodeId, changing] of Map.groupBy(found.values(), (vps) => vps.nodeId)) {
      const node = await access.read((db) => readNodeFacts(db, nodeId, { lock: false, nowMs }));
      const tenants = tenantsOf(await store.ofNode(nodeId), await metrics.newestUse(nodeId, nowMs - USE_WINDOW_MS));
      const after = new Map(changing.map((vps) => [vps.id, wantedChange(vps, limits).limits]));
      const { nodeName, capacity, overcommit } = node;
      const sight = { capacity, overcommit, promised: node.promised, tenants };
      nodes.push({ nodeId, nodeName, headroom: headroomOf(sight, after), pressed: pressedBy(sight, after) });
      if (Object.values(limits).every((value) => value === undefined)) continue; // nothing is asked for yet
      for (const [vpsId, error] of refused({ ...node }, changing, limits)) refusals.set(vpsId, error);
    }
    return {
      nodes,
      vps: vpsIds.map((vpsId) => {
        const name = found.get(vpsId)?.spec.name;
        const error = name === undefined ? gone() : refusals.get(vpsId);
        return { vpsId, name: name ?? vpsId, refusal: error === undefined ? null : errorView(error) };
      }),
    };
  };
}

/** As the transaction would: what one is promised is promised to none after it. */
function* refused(node: NodeFacts, changing: readonly Vps[], change: LimitsChange): Iterable<[string, MusterError]> {
  for (const vps of changing) {
    try {
      node.promised = sumOfShares(node.promised, planChange(vps, change, node).growth);
    } catch (error) {
      if (!(error instanceof MusterError)) throw error;
      yield [vps.id, error];
    }
  }
}

function tenantsOf(all: readonly Vps[], use: ReadonlyMap<string, VpsUse>): Tenant[] {
  return all.map(({ id: vpsId, spec, state, status }) => ({
    vpsId,
    name: spec.name,
    running: state === "running",
    limits: spec.limits,
    use: {
      cpu: use.get(vpsId)?.cpuCores ?? null,
      memory: use.get(vpsId)?.memoryBytes ?? null,
      disk: status?.diskUsedBytes ?? null,
    },
  }));
}
