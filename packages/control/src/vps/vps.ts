/**
 * What may be asked of a VPS. Every change becomes a job: it is written down, holding the VPS, before this returns,
 * and begins in the same moment without being waited for; what was written down is done, whatever dies meanwhile.
 */
import type { Agent } from "@muster/agent-api/agent";
import { macOf } from "@muster/model/address";
import { MusterError } from "@muster/model/errors";
import { newId } from "@muster/model/ids";
import { type Vps, type VpsOperation, vpsCan } from "@muster/model/vps";
import type { CreateVpsRequest, Fleet, VpsRequest } from "../fleet.ts";
import { newJob } from "../jobs/store.ts";
import type { DurableJobs } from "../operations/durable-jobs.ts";
import { OPERATIONS } from "../operations/registry.ts";
import type { PlacementStore } from "../placement/store.ts";
import type { VpsStore } from "./store.ts";

export interface VpsOptions {
  store: VpsStore;
  placement: PlacementStore;
  durable: DurableJobs;
  agentFor: (nodeId: string) => Promise<Agent>;
}

const freshId = (prefix: "v" | "j") => newId(prefix, (bytes) => crypto.getRandomValues(bytes));

const RULE_OF = {
  "vps.start": vpsCan.start,
  "vps.stop": vpsCan.stop,
  "vps.restart": vpsCan.restart,
  "vps.delete": vpsCan.delete,
} as const satisfies Record<Exclude<VpsOperation, "vps.create">, unknown>;

export function createVps({ store, placement, durable, agentFor }: VpsOptions): Fleet["vps"] {
  const change = (operation: keyof typeof RULE_OF) => async (request: VpsRequest) => {
    const vps = await store.get(request.vpsId);
    checkAllowed(vps, operation);
    const { id: vpsId, nodeId, nodeName, epoch } = vps;
    const input = { vpsId, nodeId, epoch };
    const id = freshId("j");
    const { steps } = OPERATIONS[operation];
    const job = newJob(
      { id, kind: operation, actor: request.actor, nodeId, nodeName, vpsId, vpsName: vps.spec.name, input },
      steps,
    );
    if (!(await store.hold(vpsId, operation, job))) throw heldBy(await store.get(vpsId));
    void durable.begin({ id, kind: operation, input });
    return { jobId: id };
  };

  return {
    list: (query) => store.list(query),
    get: (vpsId) => store.get(vpsId),
    suggestAddress: (nodeId) => placement.freeAddress(nodeId),
    create: (request) => create(request, { placement, durable }),
    start: change("vps.start"),
    stop: change("vps.stop"),
    restart: change("vps.restart"),
    delete: change("vps.delete"),
    allocations: (vpsId) => store.allocations(vpsId),
    async exec(request) {
      const vps = await store.get(request.vpsId);
      const permission = vpsCan.terminal(vps);
      if (!permission.allowed) throw new MusterError("state_conflict", permission.reason);
      return await (await agentFor(vps.nodeId)).exec(request, AbortSignal.timeout(request.timeoutMs + 10_000));
    },
  };
}

async function create(request: CreateVpsRequest, { placement, durable }: Pick<VpsOptions, "placement" | "durable">) {
  const { nodeId, spec, start, actor } = request;
  const vpsId = freshId("v");
  const jobId = freshId("j");
  const kind = "vps.create";
  const input = { vpsId, nodeId, epoch: 1, generation: 1, spec, mac: macOf(spec.address), start };
  const { steps } = OPERATIONS[kind];
  const job = (nodeName: string) =>
    newJob({ id: jobId, kind, actor, nodeId, nodeName, vpsId, vpsName: spec.name, input }, steps);
  await placement.reserve({ vpsId, nodeId, spec, actor, job });
  void durable.begin({ id: jobId, kind, input });
  return { jobId, vpsId };
}

function checkAllowed(vps: Vps, operation: keyof typeof RULE_OF): void {
  if (vps.holdingJob !== null) throw heldBy(vps);
  const permission = RULE_OF[operation](vps);
  if (permission.allowed) return;
  throw new MusterError(vps.state === "unknown" ? "node_unreachable" : "state_conflict", permission.reason);
}

function heldBy({ holdingJob, spec }: Vps): MusterError {
  if (holdingJob === null) return new MusterError("busy", `Another job was at work on ${spec.name} a moment ago.`);
  return new MusterError("busy", `Job ${holdingJob.jobId} (${holdingJob.operation}) is at work on ${spec.name}.`);
}
