/** The Agent interface on the server's side of the wire. Every reply is parsed: a node may be old, broken or hostile. */
import { MusterError } from "@muster/model/errors";
import type { z } from "zod";
import type { Agent } from "./agent.ts";
import { type AgentLink, createTransport } from "./transport.ts";
import { CALLS, type CallName, deadlineOf, STREAMS } from "./wire.ts";

export type { AgentLink } from "./transport.ts";

export interface AgentClient extends Agent {
  /** Every connection is dropped; what was under way fails with node_unreachable. */
  close(): void;
}

export function connectAgent(link: AgentLink): AgentClient {
  const transport = createTransport(link);
  const ask = (name: CallName, input?: unknown, signal?: AbortSignal): Promise<unknown> =>
    transport.call(name, input, { deadlineMs: deadlineOf(name, input), repeatable: CALLS[name].repeatable, signal });

  return {
    describe: async () => parsed(CALLS.describe.output, await ask("describe")),
    inventory: async () => parsed(CALLS.inventory.output, await ask("inventory")),
    listTemplates: async () => parsed(CALLS.listTemplates.output, await ask("listTemplates")),
    importTemplate: async (input, signal) =>
      parsed(CALLS.importTemplate.output, await ask("importTemplate", input, signal)),
    listVps: async () => parsed(CALLS.listVps.output, await ask("listVps")),
    createVps: async (input, signal) => parsed(CALLS.createVps.output, await ask("createVps", input, signal)),
    startVps: async (input, signal) => parsed(CALLS.startVps.output, await ask("startVps", input, signal)),
    stopVps: async (input, signal) => parsed(CALLS.stopVps.output, await ask("stopVps", input, signal)),
    deleteVps: async (input, signal) => parsed(CALLS.deleteVps.output, await ask("deleteVps", input, signal)),
    configureVps: async (input, signal) => parsed(CALLS.configureVps.output, await ask("configureVps", input, signal)),
    readLimits: async (input) => parsed(CALLS.readLimits.output, await ask("readLimits", input)),
    progress: async (input) => parsed(CALLS.progress.output, await ask("progress", input)),
    listPlacements: async () => parsed(CALLS.listPlacements.output, await ask("listPlacements")),
    exec: async (input, signal) => parsed(CALLS.exec.output, await ask("exec", input, signal)),
    openTerminal: async (input) => parsed(CALLS.openTerminal.output, await ask("openTerminal", input)),
    writeTerminal: async (input) => parsed(CALLS.writeTerminal.output, await ask("writeTerminal", input)),
    resizeTerminal: async (input) => parsed(CALLS.resizeTerminal.output, await ask("resizeTerminal", input)),
    closeTerminal: async (input) => parsed(CALLS.closeTerminal.output, await ask("closeTerminal", input)),
    samples: async (input) => parsed(CALLS.samples.output, await ask("samples", input)),
    terminalOutput: (input, signal) =>
      parsedEach(STREAMS.terminalOutput.item, transport.stream("terminalOutput", input, signal)),
    watchSamples: (signal) =>
      parsedEach(STREAMS.watchSamples.item, transport.stream("watchSamples", undefined, signal)),
    watchVps: (signal) => parsedEach(STREAMS.watchVps.item, transport.stream("watchVps", undefined, signal)),
    close: () => transport.close(),
  };
}

async function* parsedEach<Item>(schema: z.ZodType<Item>, items: AsyncIterable<unknown>): AsyncGenerator<Item> {
  for await (const item of items) yield parsed(schema, item);
}

function parsed<Value>(schema: z.ZodType<Value>, value: unknown): Value {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new MusterError("internal", "The node's answer does not fit the protocol.", { cause: result.error });
}
