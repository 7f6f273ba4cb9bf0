/** One act of a caller as a call of the API; what it was promised is written down for the audit. */
import type { MusterClient } from "@muster/client";
import { MIB } from "@muster/model/units";
import type { ChaosNode, Stage } from "./callers.ts";
import { markWhenMade } from "./markers.ts";
import type { Act } from "./schedule.ts";

const FIRST_PLACE = 20;
const SMALL = { "cpu.cores": 0.25, "memory.max": 48 * MIB, "disk.max": 64 * MIB, "pids.max": 64 };
const ANY_SHA256 = "0".repeat(64);

const limitsOf = (scale: number) => ({
  "cpu.cores": 0.25 * scale,
  "memory.max": (40 + 8 * scale) * MIB,
  "pids.max": 48 + 8 * scale,
  "nic.egress": scale % 2 === 0 ? null : scale * 10_000_000,
});

export interface Line {
  client: MusterClient;
  signal: AbortSignal;
}

const nodeOf = ({ nodes }: Stage, index: number): ChaosNode => {
  const node = nodes[index % nodes.length];
  if (node === undefined) throw new Error("a run has nodes");
  return node;
};

export async function request(stage: Stage, line: Line, act: Act): Promise<void> {
  const { client, signal } = line;
  switch (act.type) {
    case "create":
      return await create(stage, line, act);
    case "import":
      return await importTemplate(stage, line, act);
    case "bulk":
      return await bulk(stage, line, act);
    case "cancel":
    case "retry":
      return await again(stage, line, act);
    case "removeNode": {
      const nodeId = nodeOf(stage, act.node).id;
      await client.nodes.remove.mutate({ nodeId, forgetVps: false }, { signal });
      return;
    }
    default: {
      const vpsId = stage.record.slots.get(act.slot);
      if (vpsId !== undefined) promised(stage, act, await change(line, act, vpsId));
    }
  }
}

function promised({ record }: Stage, act: Act, { jobId }: { jobId: string }): void {
  record.promised.set(jobId, act.type);
  if (act.type === "create") record.starts.set(jobId, act.start);
  if (act.type === "rename") record.names.set(jobId, newNameOf(act));
}

const newNameOf = ({ slot, tail }: Extract<Act, { type: "rename" }>) => `chaos-${slot}-${tail}`;

async function create(stage: Stage, { client, signal }: Line, act: Extract<Act, { type: "create" }>): Promise<void> {
  const node = nodeOf(stage, act.slot);
  const address = `${node.prefix}.${FIRST_PLACE + act.slot}`;
  const spec = { name: `chaos-${act.slot}`, template: "busybox", address, limits: SMALL };
  const made = await client.vps.create.mutate({ nodeId: node.id, spec, start: act.start }, { signal });
  promised(stage, act, made);
  stage.record.slots.set(act.slot, made.vpsId);
  if (!node.simulated && act.start) stage.background.push(markWhenMade(stage, made));
}

type Change = Extract<Act, { type: "start" | "stop" | "restart" | "delete" | "setLimits" | "rename" }>;

async function change({ client, signal }: Line, act: Change, vpsId: string): Promise<{ jobId: string }> {
  switch (act.type) {
    case "setLimits": {
      const until = act.seconds === null ? undefined : new Date(Date.now() + act.seconds * 1000).toISOString();
      return await client.vps.setLimits.mutate({ vpsId, limits: limitsOf(act.scale), until }, { signal });
    }
    case "rename":
      return await client.vps.rename.mutate({ vpsId, name: newNameOf(act) }, { signal });
    default:
      return await client.vps[act.type].mutate({ vpsId }, { signal });
  }
}

async function importTemplate(stage: Stage, { client, signal }: Line, act: Extract<Act, { type: "import" }>) {
  const node = nodeOf(stage, act.node);
  if (!node.simulated) return; // there is no archive to be found
  const template = {
    name: act.name,
    description: "",
    init: "busybox",
    fileName: `${act.name}.tar`,
    sha256: ANY_SHA256,
  };
  promised(
    stage,
    act,
    await client.templates.import.mutate({ nodeId: node.id, ...template, init: "busybox" }, { signal }),
  );
}

async function bulk(stage: Stage, { client, signal }: Line, act: Extract<Act, { type: "bulk" }>): Promise<void> {
  const vpsIds = act.slots.map((slot) => stage.record.slots.get(slot)).filter((vpsId) => vpsId !== undefined);
  if (vpsIds.length === 0) return;
  const action = act.action === "setLimits" ? { type: act.action, limits: limitsOf(act.scale) } : { type: act.action };
  const { results } = await client.vps.bulk.mutate({ vpsIds, action }, { signal });
  for (const result of results) if ("jobId" in result) promised(stage, act, result);
}

async function again(stage: Stage, { client, signal }: Line, act: Extract<Act, { type: "cancel" | "retry" }>) {
  const filter =
    act.type === "cancel" ? { active: true } : { states: ["failed" as const, "cancelled" as const, "stuck" as const] };
  const { items } = await client.jobs.list.query({ ...filter, limit: 20 }, { signal });
  const jobId = items[act.which % Math.max(1, items.length)]?.id;
  if (jobId === undefined) return;
  if (act.type === "cancel") await client.jobs.cancel.mutate({ jobId }, { signal });
  else promised(stage, act, await client.jobs.retry.mutate({ jobId }, { signal }));
}
