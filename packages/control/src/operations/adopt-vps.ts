/**
 * Takes a VPS that is on a node and in no inventory into the inventory, as it is. It was entered as the node had last
 * reported it, in the transaction that wrote the job down; here the node is asked once more, and where it says
 * something else by now the entry is taken back. Nothing changes on the node.
 */
import { placementReportSchema } from "@muster/agent-api/agent";
import { MusterError } from "@muster/model/errors";
import { nodeIdSchema, vpsIdSchema } from "@muster/model/ids";
import { z } from "zod";
import { operation, type StepContext, step } from "./operation.ts";

export const adoptVpsInputSchema = placementReportSchema
  .omit({ status: true })
  .extend({ nodeId: nodeIdSchema, vpsId: vpsIdSchema, epoch: z.number().int().positive() });
type Input = z.infer<typeof adoptVpsInputSchema>;

export const adoptVps = operation<Input>({
  kind: "vps.adopt",
  input: adoptVpsInputSchema,
  stuckAdvice: "Retry once its node answers.",
  steps: [
    step("enter", { title: "Enter it in the inventory", do: null, undo: strike }),
    step("compare", { title: "Compare it with its node", do: compare, commits: true }),
  ],
});

async function strike({ vps, limits, input, jobId }: StepContext<Input>): Promise<void> {
  await limits.allocations.strike(jobId);
  await vps.remove(input.vpsId, jobId);
}

async function compare({ agents, vps, input }: StepContext<Input>): Promise<void> {
  const agent = await agents.agentFor(input.nodeId);
  const report = (await agent.listPlacements()).find(({ status }) => status.vpsId === input.vpsId);
  if (report === undefined) throw new MusterError("not_found", "Its node does not have it any more.");
  const { spec, mac, generation, status } = report;
  if (!isSame(input, { spec, mac, generation, epoch: status.epoch }))
    throw new MusterError("state_conflict", "It is no longer as its node had reported it; look at it again.");
  await vps.applyStatus(input.nodeId, status);
}

/** Both were parsed by one schema, so their fields stand in one order. */
function isSame({ spec, mac, generation, epoch }: Input, other: Omit<Input, "nodeId" | "vpsId">): boolean {
  return JSON.stringify({ spec, mac, generation, epoch }) === JSON.stringify(other);
}
