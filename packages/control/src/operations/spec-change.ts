/**
 * What operations share that give a VPS another spec: it has been taken in the transaction that wrote the job down, the
 * node applies it as a whole, and until the job has ended the one before is kept to be given back.
 */
import { vpsSpecSchema } from "@muster/model/vps";
import { z } from "zod";
import { heldBy } from "../vps/allowed.ts";
import { nextGeneration } from "../vps/generation.ts";
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

/** Of a job that its node was never asked for; else the spec has gone back with what the node has. */
async function takeBack({ limits, input, jobId }: StepContext<SpecChange>): Promise<void> {
  const { vpsId, before, generation } = input;
  await limits.changes.takeBack({ vpsId, jobId, before, generation: generation - 1 });
}

async function apply({ agents, vps, input, key, signal }: StepContext<SpecChange>): Promise<void> {
  const { vpsId, nodeId, epoch, generation, after } = input;
  const agent = await agents.agentFor(nodeId);
  await vps.applyStatus(nodeId, await agent.configureVps({ key, vpsId, epoch, generation, spec: after }, signal));
}

/**
 * Under the generation after all that there is: what the node was asked before is refused as old. While this job was
 * stuck, others may have gone past it and been taken back; the node is then asked under another key, since what it
 * answered to the first one is no longer so. The row follows in the same step, where it is known what the node has: a
 * later step could not tell this job's generation from one that another had.
 */
async function applyBack(context: StepContext<SpecChange>): Promise<void> {
  const { agents, vps, limits, input, jobId, key, signal } = context;
  const { vpsId, nodeId, epoch, before } = input;
  const now = await vps.get(vpsId);
  // A server that was given up and comes late: the generation after what others made since would take that back.
  if (now.holdingJob?.jobId !== jobId) throw heldBy(now);
  const generation = nextGeneration(now);
  const isPassed = now.generation > input.generation;
  const call = { key: isPassed ? `${key}:${generation}` : key, vpsId, epoch, generation, spec: before };
  const status = await (await agents.agentFor(nodeId)).configureVps(call, signal);
  await vps.applyStatus(nodeId, status);
  await limits.changes.takeBack({ vpsId, jobId, before, generation: status.appliedGeneration });
}
