/**
 * Deletes a VPS, running or not: all of it goes, so there is nothing to stop in order for. From the first step on
 * there is only forward. The row goes last: as long as anything may be left on the node, the fleet shows it.
 */
import { operation, type StepContext, step } from "./operation.ts";
import { type PlacedInput, placedInputSchema } from "./placed.ts";

export const deleteVps = operation<PlacedInput>({
  kind: "vps.delete",
  input: placedInputSchema,
  stuckAdvice: "Retry once its node answers: all of it goes, then its name, address and shares are given back.",
  steps: [
    step("remove", { title: "Remove it from its node", do: remove, commits: true }),
    step("release", { title: "Release its name, address and shares of the node", do: release }),
  ],
});

async function remove({ agents, input, key, signal }: StepContext<PlacedInput>): Promise<void> {
  const { nodeId, ...placed } = input;
  const agent = await agents.agentFor(nodeId);
  await agent.deleteVps({ key, ...placed }, signal);
}

async function release({ vps, input, jobId }: StepContext<PlacedInput>): Promise<void> {
  await vps.remove(input.vpsId, jobId);
}
