/** Stops a VPS and starts it again. Once it is stopped there is no way back but the start. */
import { operation, type StepContext, step } from "./operation.ts";
import { type PlacedInput, placedInputSchema, STOP_GRACE_MS } from "./placed.ts";

export const restartVps = operation<PlacedInput>({
  kind: "vps.restart",
  input: placedInputSchema,
  steps: [
    step("stop", { title: "Stop it in order, then by force", do: stop, deadlineMs: 60_000 + STOP_GRACE_MS }),
    step("start", { title: "Start it", do: start }),
  ],
});

async function stop({ agents, vps, input, key, signal }: StepContext<PlacedInput>): Promise<void> {
  const { nodeId, ...placed } = input;
  const agent = await agents.agentFor(nodeId);
  await vps.applyStatus(nodeId, await agent.stopVps({ key, ...placed, graceMs: STOP_GRACE_MS }, signal));
}

async function start({ agents, vps, input, key, signal }: StepContext<PlacedInput>): Promise<void> {
  const { nodeId, ...placed } = input;
  const agent = await agents.agentFor(nodeId);
  await vps.applyStatus(nodeId, await agent.startVps({ key, ...placed }, signal));
}
