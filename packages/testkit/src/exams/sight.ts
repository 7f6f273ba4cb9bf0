/** What can be seen of a subject at a moment: in the fleet's books, on its node, and in that node's kernel. */
import type { Agent } from "@muster/agent-api/agent";
import type { Fleet } from "@muster/control/fleet";
import { MusterError } from "@muster/model/errors";
import type { Limits, LimitsChange } from "@muster/model/limits/registry";
import type { PlacementState, Vps, VpsState } from "@muster/model/vps";
import type { Subject } from "./subject.ts";

export interface Sight {
  vps: { name: string; state: VpsState; limits: Limits } | null;
  /** By its address; more than one would be a VPS made twice. */
  placements: { name: string; state: PlacementState; limits: Limits }[];
  /** Null where there is nothing to read. */
  kernel: LimitsChange | null;
  /** Entries in the history of its limits. */
  allocations: number;
  /** A template of the subject's name, on the node and on the node's list. */
  template: { onNode: boolean; listed: boolean };
  /** Found on its node and in no inventory, and shown as that. */
  orphan: boolean;
  /** Whether its node is one of the fleet. */
  joined: boolean;
}

const EVERYTHING = 1_000;

export async function look(fleet: Fleet, agent: Agent | null, subject: Subject): Promise<Sight> {
  const [vps, nodes, orphans, placements] = await Promise.all([
    inBooks(fleet, subject),
    fleet.nodes.list(),
    fleet.nodes.orphans(),
    agent === null ? [] : agent.listPlacements(),
  ]);
  const here = placements.filter(({ spec }) => spec.address === subject.address);
  const vpsId = vps?.id ?? subject.vpsId ?? here[0]?.status.vpsId;
  return {
    vps: vps === null ? null : { name: vps.spec.name, state: vps.state, limits: vps.spec.limits },
    placements: here.map(({ spec, status }) => ({ name: spec.name, state: status.state, limits: spec.limits })),
    kernel: vpsId === undefined || agent === null ? null : await kernelOf(agent, vpsId),
    allocations: vpsId === undefined ? 0 : (await fleet.vps.allocations(vpsId)).length,
    template: await templateOf(fleet, agent, subject),
    orphan: orphans.some(({ spec }) => spec.address === subject.address),
    joined: nodes.some(({ id }) => id === subject.nodeId),
  };
}

/** The VPS at the subject's address, as the fleet has it. */
export async function inBooks(fleet: Fleet, { nodeId, address }: Subject): Promise<Vps | null> {
  if (nodeId === "") return null;
  const { items } = await fleet.vps.list({ nodeId, limit: EVERYTHING });
  return items.find(({ spec }) => spec.address === address) ?? null;
}

async function kernelOf(agent: Agent, vpsId: string): Promise<LimitsChange | null> {
  try {
    return await agent.readLimits({ vpsId });
  } catch (error) {
    if (error instanceof MusterError && error.code === "not_found") return null;
    throw error;
  }
}

async function templateOf(fleet: Fleet, agent: Agent | null, { nodeId, name }: Subject): Promise<Sight["template"]> {
  const onNode = agent === null ? [] : await agent.listTemplates();
  const listed = await fleet.nodes.get(nodeId).then(
    (node) => node.templates,
    (error: unknown) => {
      if (error instanceof MusterError && error.code === "not_found") return [];
      throw error;
    },
  );
  const named = (templates: readonly { name: string }[]) => templates.some((template) => template.name === name);
  return { onNode: named(onNode), listed: named(listed) };
}
