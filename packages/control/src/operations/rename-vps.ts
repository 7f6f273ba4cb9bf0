/**
 * Renames a VPS, running or stopped: in the fleet, and as its own host name. The new name has been taken in the
 * transaction that wrote the job down; the old one stays taken until the job has ended, so it can be given back.
 */
import { nodeIdSchema, vpsIdSchema } from "@muster/model/ids";
import { vpsSpecSchema } from "@muster/model/vps";
import { z } from "zod";
import { operation, type StepContext, step } from "./operation.ts";

export const renameVpsInputSchema = z.object({
  vpsId: vpsIdSchema,
  nodeId: nodeIdSchema,
  epoch: z.number().int().positive(),
  /** Of the spec with the new name. */
  generation: z.number().int().positive(),
  before: vpsSpecSchema,
  after: vpsSpecSchema,
});
type Input = z.infer<typeof renameVpsInputSchema>;

export const renameVps = operation<Input>({
  kind: "vps.rename",
  input: renameVpsInputSchema,
  stuckAdvice: "Retry once its node answers: until then it is not known which of the two names it has there.",
  steps: [
    step("reserve", { title: "Take the new name", do: null, undo: takeBack }),
    step("apply", { title: "Give it to the VPS", do: apply, undo: applyBack, commits: true }),
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
