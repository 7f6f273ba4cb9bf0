/** Stops a VPS and starts it again. It ran, so taking a stop back is starting it: what fails on the way leaves it running. */
import { operation, type StepContext, step } from "./operation.ts";
import { type PlacedInput, placedInputSchema, STOP_GRACE_MS } from "./placed.ts";

export const restartVps = operation<PlacedInput>({
  kind: "vps.restart",
  input: placedInputSchema,
  stuckAdvice: "It is stopped, or half so: retry or start it once the reason is gone.",
  steps: [
    step("stop", {
      title: "Stop it in order, then by force",
      do: stop,
      undo: start,
      deadlineMs: 60_000 + STOP_GRACE_MS,
    }),
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
