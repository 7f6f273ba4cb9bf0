/**
 * Power on and off, for the operations that do them and for those that take them back. On the node both take what is
 * already so for done, so a step that came to nothing is taken back by nothing.
 */
import { MusterError } from "@muster/model/errors";
import { type StepContext, step } from "./operation.ts";
import { type PlacedInput, STOP_GRACE_MS } from "./placed.ts";

type Work = (context: StepContext<PlacedInput>) => Promise<void>;

export const start: Work = async ({ agents, vps, input, key, signal }) => {
  const { nodeId, ...placed } = input;
  const agent = await agents.agentFor(nodeId);
  await vps.applyStatus(nodeId, await agent.startVps({ key, ...placed }, signal));
};

const stop: Work = async ({ agents, vps, input, key, signal }) => {
  const { nodeId, ...placed } = input;
  const agent = await agents.agentFor(nodeId);
  await vps.applyStatus(nodeId, await agent.stopVps({ key, ...placed, graceMs: STOP_GRACE_MS }, signal));
};

/** Whatever lost a VPS that its node does not have was not this job: the step's own failure says it, and nothing is stuck. */
const whereItIs =
  (work: Work): Work =>
  async (context) => {
    try {
      await work(context);
    } catch (error) {
      if (!(error instanceof MusterError && error.code === "not_found")) throw error;
    }
  };

export const undoStart = whereItIs(stop);

/** A guest that was asked to stop cannot be unasked: taking a stop back is starting it. */
export const stopStep = step<PlacedInput>("stop", {
  title: "Stop it in order, then by force",
  do: stop,
  undo: whereItIs(start),
  deadlineMs: 60_000 + STOP_GRACE_MS,
});
