/**
 * Removes a node from the inventory. It was closed in the transaction that wrote the job down, so nothing has been
 * placed there since; a job that began on one of its VPSs all the same has it opened again.
 */
import { nodeIdSchema } from "@muster/model/ids";
import { z } from "zod";
import { operation, type StepContext, step } from "./operation.ts";

export const removeNodeInputSchema = z.object({ nodeId: nodeIdSchema, forgetVps: z.boolean() });
type Input = z.infer<typeof removeNodeInputSchema>;

export const removeNode = operation<Input>({
  kind: "node.remove",
  input: removeNodeInputSchema,
  stuckAdvice: "Retry: nothing is asked of the node itself.",
  steps: [
    step("close", { title: "Close it to new VPSs", do: null, undo: reopen }),
    step("forget", { title: "Forget it and what was on it", do: forget, commits: true }),
  ],
});

async function reopen({ nodes, input, jobId }: StepContext<Input>): Promise<void> {
  await nodes.reopen(input.nodeId, jobId);
}

async function forget({ agents, nodes, input, jobId }: StepContext<Input>): Promise<void> {
  await nodes.forget({ ...input, jobId });
  agents.forget(input.nodeId);
}
