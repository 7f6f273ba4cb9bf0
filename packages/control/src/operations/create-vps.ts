/**
 * Creates a VPS. Its name, address and shares of the node were reserved in the transaction that wrote the job down, so the
 * first step is done when the job begins: of two creates of one name the second never becomes a job. Everything
 * before the guest runs is taken back when it fails; a VPS that was created exists wholly or not at all.
 */
import { createVpsSchema } from "@muster/agent-api/agent";
import { nodeIdSchema } from "@muster/model/ids";
import { z } from "zod";
import { operation, type StepContext, step } from "./operation.ts";

export const createVpsInputSchema = createVpsSchema
  .omit({ key: true })
  .extend({ nodeId: nodeIdSchema, start: z.boolean() });
type Input = z.infer<typeof createVpsInputSchema>;

export const createVps = operation<Input>({
  kind: "vps.create",
  input: createVpsInputSchema,
  stuckAdvice: "Retry once its node answers, to have what is left of it removed, or delete the VPS.",
  steps: [
    step("reserve", { title: "Reserve its name, address and shares of the node", do: null, undo: release }),
    step("prepare", { title: "Prepare its private area", do: prepare, undo: remove }),
    step("start", { title: "Connect and start it", do: start, commits: true }),
  ],
});

async function release({ vps, limits, input, jobId }: StepContext<Input>): Promise<void> {
  await limits.allocations.strike(jobId);
  await vps.remove(input.vpsId, jobId);
}

async function prepare({ agents, vps, input, key, signal }: StepContext<Input>): Promise<void> {
  const { nodeId, start: _, ...create } = input;
  const agent = await agents.agentFor(nodeId);
  await vps.applyStatus(nodeId, await agent.createVps({ ...create, key }, signal));
}

async function remove({ agents, input, key, signal }: StepContext<Input>): Promise<void> {
  const agent = await agents.agentFor(input.nodeId);
  await agent.deleteVps({ key, vpsId: input.vpsId, epoch: input.epoch }, signal);
}

async function start({ agents, vps, input, key, signal }: StepContext<Input>): Promise<void> {
  if (!input.start) return;
  const agent = await agents.agentFor(input.nodeId);
  const status = await agent.startVps({ key, vpsId: input.vpsId, epoch: input.epoch }, signal);
  await vps.applyStatus(input.nodeId, status);
}
