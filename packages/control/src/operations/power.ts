/**
 * Power on and off, for the operations that do them and for those that take them back. On the node both take what is
 * already so for done, so a step that came to nothing is taken back by nothing.
 */
import { MusterError } from "@muster/model/errors";
import type { StepContext } from "./operation.ts";
import { type PlacedInput, STOP_GRACE_MS } from "./placed.ts";

type Work = (context: StepContext<PlacedInput>) => Promise<void>;

/** What any step has, and the guest's grace. */
export const STOP_DEADLINE_MS = 60_000 + STOP_GRACE_MS;

export const start: Work = async ({ agents, vps, input, key, signal }) => {
  const { nodeId, ...placed } = input;
  const agent = await agents.agentFor(nodeId);
  await vps.applyStatus(nodeId, await agent.startVps({ key, ...placed }, signal));
};

export const stop: Work = async ({ agents, vps, input, key, signal }) => {
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

export const undoStop = whereItIs(start);
export const undoStart = whereItIs(stop);
