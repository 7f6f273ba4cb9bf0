/** Stops a VPS in order, and by force when it takes longer than its grace. */
import { operation, type StepContext, step } from "./operation.ts";
import { type PlacedInput, placedInputSchema, STOP_GRACE_MS } from "./placed.ts";

export const stopVps = operation<PlacedInput>({
  kind: "vps.stop",
  input: placedInputSchema,
  steps: [step("stop", { title: "Stop it in order, then by force", do: stop, deadlineMs: 60_000 + STOP_GRACE_MS })],
});

async function stop({ agents, vps, input, key, signal }: StepContext<PlacedInput>): Promise<void> {
  const { nodeId, ...placed } = input;
  const agent = await agents.agentFor(nodeId);
  await vps.applyStatus(nodeId, await agent.stopVps({ key, ...placed, graceMs: STOP_GRACE_MS }, signal));
}
