/** Imports a template on a node from an archive in its import directory, and shows it in the node's list at once. */
import { importTemplateSchema } from "@muster/agent-api/agent";
import { nodeIdSchema } from "@muster/model/ids";
import type { z } from "zod";
import { operation, type StepContext, step } from "./operation.ts";
import { withProgressOf } from "./progress.ts";

export const importTemplateInputSchema = importTemplateSchema.omit({ key: true }).extend({ nodeId: nodeIdSchema });
type Input = z.infer<typeof importTemplateInputSchema>;

export const importTemplate = operation<Input>({
  kind: "template.import",
  input: importTemplateInputSchema,
  stuckAdvice: "The template is on its node, only not on the list yet: retry once the node answers.",
  steps: [
    // An archive of gigabytes is hashed and unpacked: minutes on a slow disk.
    step("unpack", { title: "Check and unpack the archive", do: unpack, deadlineMs: 900_000 }),
    step("list", { title: "Put it on the node's list", do: list, commits: true }),
  ],
});

async function unpack(context: StepContext<Input>): Promise<void> {
  const { agents, input, key, signal } = context;
  const { nodeId, ...template } = input;
  const agent = await agents.agentFor(nodeId);
  await withProgressOf(agent, context, () => agent.importTemplate({ ...template, key }, signal));
}

async function list({ agents, nodes, input }: StepContext<Input>): Promise<void> {
  const agent = await agents.agentFor(input.nodeId);
  await nodes.saveTemplates(input.nodeId, await agent.listTemplates());
}
