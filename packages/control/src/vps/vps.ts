/**
 * What may be asked of a VPS. Every change becomes a job: it is written down, holding the VPS, before this returns,
 * and begins in the same moment without being waited for; what was written down is done, whatever dies meanwhile.
 */
import type { Agent } from "@muster/agent-api/agent";
import { macOf } from "@muster/model/address";
import { MusterError } from "@muster/model/errors";
import { newId } from "@muster/model/ids";
import { vpsCan } from "@muster/model/vps";
import type { Clock } from "../clock.ts";
import type { DatabaseAccess } from "../database-access.ts";
import type { CreateVpsRequest, Fleet, VpsRequest } from "../fleet.ts";
import { newJobId } from "../jobs/job-id.ts";
import { newJob } from "../jobs/store.ts";
import { createLimits } from "../limits/limits.ts";
import { createPreview } from "../limits/preview.ts";
import type { LimitsStore } from "../limits/store.ts";
import type { MetricsStore } from "../metrics/store.ts";
import { OPERATIONS } from "../operations/registry.ts";
import type { Runner } from "../operations/runner.ts";
import type { PlacementStore } from "../placement/store.ts";
import { checkAllowed, heldBy } from "./allowed.ts";
import { createBulk } from "./bulk.ts";
import { type PlacedKind, placedJob } from "./placed-job.ts";
import { createRename } from "./rename.ts";
import type { VpsStore } from "./store.ts";

export interface VpsOptions {
  access: DatabaseAccess;
  store: VpsStore;
  limits: LimitsStore;
  metrics: MetricsStore;
  placement: PlacementStore;
  runner: Pick<Runner, "wake">;
  clock: Clock;
  agentFor: (nodeId: string) => Promise<Agent>;
}

/** Adopting is the nodes' (nodes/nodes.ts). */
export function createVps(options: VpsOptions): Omit<Fleet["vps"], "adopt"> {
  const { store, placement, runner, agentFor } = options;
  const change = (kind: PlacedKind) => async (request: VpsRequest) => {
    const vps = await store.get(request.vpsId);
    checkAllowed(vps, kind);
    const job = { ...placedJob(vps, kind, request.actor), retryOf: request.retryOf ?? null };
    if (!(await store.hold([job])).has(job.id)) throw heldBy(await store.get(vps.id));
    runner.wake();
    return { jobId: job.id };
  };
  const { setMany, ...limits } = createLimits(options);

  return {
    ...limits,
    list: (query) => store.list(query),
    get: (vpsId) => store.get(vpsId),
    suggestAddress: (nodeId) => placement.freeAddress(nodeId),
    create: (request) => create(request, { placement, runner }),
    start: change("vps.start"),
    stop: change("vps.stop"),
    restart: change("vps.restart"),
    delete: change("vps.delete"),
    rename: createRename(options),
    bulk: createBulk({ ...options, limits: { setMany } }),
    previewLimits: createPreview(options),
    async exec(request) {
      const vps = await store.get(request.vpsId);
      const permission = vpsCan.terminal(vps);
      if (!permission.allowed) throw new MusterError("state_conflict", permission.reason);
      return await (await agentFor(vps.nodeId)).exec(request, AbortSignal.timeout(request.timeoutMs + 10_000));
    },
  };
}

async function create(request: CreateVpsRequest, { placement, runner }: Pick<VpsOptions, "placement" | "runner">) {
  const { nodeId, spec, start, actor, retryOf } = request;
  const vpsId = newId("v", (bytes) => crypto.getRandomValues(bytes));
  const jobId = newJobId();
  const kind = "vps.create";
  const input = { vpsId, nodeId, epoch: 1, generation: 1, spec, mac: macOf(spec.address), start };
  const { steps } = OPERATIONS[kind];
  const job = (nodeName: string) =>
    newJob({ id: jobId, kind, actor, retryOf, nodeId, nodeName, vpsId, vpsName: spec.name, input }, steps);
  await placement.reserve({ vpsId, nodeId, spec, actor, job });
  runner.wake();
  return { jobId, vpsId };
}
