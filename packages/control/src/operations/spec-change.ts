/**
 * What operations share that give a VPS another spec: it has been taken in the transaction that wrote the job down, the
 * node applies it as a whole, and until the job has ended the one before is kept to be given back.
 */
import { vpsSpecSchema } from "@muster/model/vps";
import { z } from "zod";
import { type StepContext, step } from "./operation.ts";
import { placedInputSchema } from "./placed.ts";

export const specChangeSchema = placedInputSchema.extend({
  /** Of the spec after. */
  generation: z.number().int().positive(),
  before: vpsSpecSchema,
  after: vpsSpecSchema,
});
export type SpecChange = z.infer<typeof specChangeSchema>;

/** Done when the job begins. */
export const reserveStep = (title: string) => step("reserve", { title, do: null, undo: takeBack });

export const applyStep = (title: string, { commits = false } = {}) =>
  step("apply", { title, do: apply, undo: applyBack, commits });

async function takeBack({ limits, input, jobId }: StepContext<SpecChange>): Promise<void> {
  const { vpsId, before, generation } = input;
  await limits.changes.takeBack({ vpsId, jobId, before, generation });
}

async function apply({ agents, vps, input, key, signal }: StepContext<SpecChange>): Promise<void> {
  const { vpsId, nodeId, epoch, generation, after } = input;
  const agent = await agents.agentFor(nodeId);
  await vps.applyStatus(nodeId, await agent.configureVps({ key, vpsId, epoch, generation, spec: after }, signal));
}

/** Under a generation of its own: what the node was asked before is refused as old. */
async function applyBack({ agents, vps, input, key, signal }: StepContext<SpecChange>): Promise<void> {
  const { vpsId, nodeId, epoch, before } = input;
  const agent = await agents.agentFor(nodeId);
  const call = { key, vpsId, epoch, generation: input.generation + 1, spec: before };
  await vps.applyStatus(nodeId, await agent.configureVps(call, signal));
}
