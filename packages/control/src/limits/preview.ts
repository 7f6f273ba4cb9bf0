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
import { gone } from "../vps/allowed.ts";
import type { VpsStore } from "../vps/store.ts";
import { planNext, wantedChange } from "./plan.ts";

export interface PreviewOptions {
  access: DatabaseAccess;
  store: VpsStore;
  metrics: MetricsStore;
  clock: Clock;
}

/** Stored samples are 10 s apart, and two make a rate; older than this is not "now". */
const USE_WINDOW_MS = 60_000;

export function createPreview(options: PreviewOptions): Fleet["vps"]["previewLimits"] {
  return async ({ vpsIds, limits }) => {
    const found = await options.store.some(vpsIds);
    const all = [...new Set(vpsIds)].flatMap((vpsId) => found.get(vpsId) ?? []); // in the order in which they are served
    const nodes: LimitsPreview["nodes"] = [];
    const refusals: Refusals = new Map();
    for (const [nodeId, changing] of Map.groupBy(all, (vps) => vps.nodeId)) {
      try {
        nodes.push(await nodePreview(options, { nodeId, changing, limits }, refusals));
      } catch (error) {
        if (!(error instanceof MusterError) || error.code === "database_unavailable") throw error;
        for (const { id } of changing) refusals.set(id, error); // the node is gone, or on its way
      }
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

type Refusals = Map<string, MusterError>;

interface ChangeOfNode {
  nodeId: string;
  changing: readonly Vps[];
  limits: LimitsChange;
}

async function nodePreview(
  { access, store, metrics, clock }: PreviewOptions,
  { nodeId, changing, limits }: ChangeOfNode,
  refusals: Refusals,
): Promise<LimitsPreview["nodes"][number]> {
  const nowMs = clock.nowMs();
  const node = await access.read((db) => readNodeFacts(db, nodeId, { lock: false, nowMs }));
  const tenants = tenantsOf(await store.ofNode(nodeId), await metrics.newestUse(nodeId, nowMs - USE_WINDOW_MS));
  const after = new Map(changing.map((vps) => [vps.id, wantedChange(vps, limits).limits]));
  const { nodeName, capacity, overcommit, promised } = node;
  const sight = { capacity, overcommit, promised, tenants };
  const nothingYet = Object.values(limits).every((value) => value === undefined);
  if (!nothingYet) for (const [vpsId, error] of refused({ ...node }, changing, limits)) refusals.set(vpsId, error);
  return { nodeId, nodeName, headroom: headroomOf(sight, after), pressed: pressedBy(sight, after) };
}

/** As the transaction would. */
function* refused(node: NodeFacts, changing: readonly Vps[], change: LimitsChange): Iterable<[string, MusterError]> {
  for (const vps of changing) {
    try {
      planNext(vps, change, node);
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
