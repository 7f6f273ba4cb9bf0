/** Starts a VPS that is stopped. The agent takes a failed start back by itself. */
import { operation, type StepContext, step } from "./operation.ts";
import { type PlacedInput, placedInputSchema } from "./placed.ts";

export const startVps = operation<PlacedInput>({
  kind: "vps.start",
  input: placedInputSchema,
  steps: [step("start", { title: "Start it", do: start })],
});

async function start({ agents, vps, input, key, signal }: StepContext<PlacedInput>): Promise<void> {
  const { nodeId, ...placed } = input;
  const agent = await agents.agentFor(nodeId);
  await vps.applyStatus(nodeId, await agent.startVps({ key, ...placed }, signal));
}
