/**
 * Changes limits of a VPS, running or stopped. The new ones have been checked and promised in the transaction that
 * wrote the job down; the node applies all of them or none, in place; then the change is history. A failure leaves
 * spec and node as they were, the node under a generation of its own: what it was asked before is refused as old.
 */
import { nodeIdSchema, vpsIdSchema } from "@muster/model/ids";
import { differingLimits } from "@muster/model/limits/registry";
import { vpsSpecSchema } from "@muster/model/vps";
import { z } from "zod";
import { operation, type StepContext, step } from "./operation.ts";

export const setLimitsInputSchema = z.object({
  vpsId: vpsIdSchema,
  nodeId: nodeIdSchema,
  epoch: z.number().int().positive(),
  /** Of the spec with the new limits. */
  generation: z.number().int().positive(),
  before: vpsSpecSchema,
  after: vpsSpecSchema,
  until: z.iso.datetime().nullable(),
});
type Input = z.infer<typeof setLimitsInputSchema>;

export const setLimits = operation<Input>({
  kind: "vps.setLimits",
  input: setLimitsInputSchema,
  stuckAdvice: "Retry once its node answers: until then it is not known which of the two limits hold there.",
  steps: [
    step("reserve", { title: "Hold them against what the node may promise", do: null, undo: takeBack }),
    step("apply", { title: "Apply them on its node", do: apply, undo: applyBack }),
    step("record", { title: "Write them into its history", do: record, undo: strike, commits: true }),
  ],
});

async function takeBack({ limits, input, jobId }: StepContext<Input>): Promise<void> {
  const { vpsId, before, generation } = input;
  await limits.changes.takeBack({ vpsId, jobId, before, generation });
}

async function apply({ agents, vps, input, key, signal }: StepContext<Input>): Promise<void> {
  const { vpsId, nodeId, epoch, generation, after } = input;
  const agent = await agents.agentFor(nodeId);
  await vps.applyStatus(nodeId, await agent.configureVps({ key, vpsId, epoch, generation, spec: after }, signal));
}

async function applyBack({ agents, vps, input, key, signal }: StepContext<Input>): Promise<void> {
  const { vpsId, nodeId, epoch, before } = input;
  const agent = await agents.agentFor(nodeId);
  const call = { key, vpsId, epoch, generation: input.generation + 1, spec: before };
  await vps.applyStatus(nodeId, await agent.configureVps(call, signal));
}

async function record({ limits, input, jobId }: StepContext<Input>): Promise<void> {
  const { vpsId, until } = input;
  const [before, after] = [input.before.limits, input.after.limits];
  await limits.allocations.record({ jobId, vpsId, before, after, until, names: differingLimits(before, after) });
}

async function strike({ limits, jobId }: StepContext<Input>): Promise<void> {
  await limits.allocations.strike(jobId);
}
