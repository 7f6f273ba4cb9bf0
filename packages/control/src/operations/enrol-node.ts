/**
 * A node joins. It was let in by the transaction that wrote the job down, which there is no way back from: its
 * certificate is on its way. Then its agent must answer where it said it would, and what it has is written down.
 */
import { PROTOCOL_VERSION } from "@muster/agent-api/agent";
import { MusterError } from "@muster/model/errors";
import { nodeIdSchema } from "@muster/model/ids";
import { z } from "zod";
import { operation, type StepContext, step } from "./operation.ts";

export const enrolNodeInputSchema = z.object({ nodeId: nodeIdSchema, address: z.string() });
type Input = z.infer<typeof enrolNodeInputSchema>;

export const enrolNode = operation<Input>({
  kind: "node.enrol",
  input: enrolNodeInputSchema,
  stuckAdvice:
    "Look whether the agent runs there, whether its address can be reached from here (MUSTER_AGENT_LISTEN, firewall), then retry; or remove the node.",
  steps: [
    step("admit", { title: "Let it in", do: null, commits: true }),
    // The first start of an agent formats its pool and unpacks nothing: seconds, on a slow disk some more.
    step("greet", { title: "Reach its agent", do: greet, deadlineMs: 60_000, commits: true }),
    step("stock", { title: "Take stock of it", do: takeStock, output: z.object({ templates: z.number() }) }),
  ],
});

async function greet({ agents, input }: StepContext<Input>): Promise<void> {
  const { protocolVersion } = await (await agents.agentFor(input.nodeId)).describe();
  if (protocolVersion === PROTOCOL_VERSION) return;
  throw new MusterError(
    "protocol_mismatch",
    `The agent speaks protocol ${protocolVersion}, this server speaks ${PROTOCOL_VERSION}.`,
  );
}

async function takeStock({ agents, nodes, input: { nodeId } }: StepContext<Input>): Promise<{ templates: number }> {
  const agent = await agents.agentFor(nodeId);
  await nodes.saveInventory(nodeId, await agent.describe(), await agent.inventory());
  const templates = await agent.listTemplates();
  await nodes.saveTemplates(nodeId, templates);
  return { templates: templates.length };
}
