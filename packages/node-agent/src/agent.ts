/** The table of contents of a node: one line for each thing that a server may ask of it (agent-api has the contract). */
import type {
  Agent,
  AgentDescription,
  Exec,
  ExecResult,
  ImportTemplate,
  OpenTerminal,
  ResizeTerminal,
  TerminalOutput,
  WriteTerminal,
} from "@muster/agent-api/agent";
import type { Progress } from "@muster/model/job";
import type { NodeSample } from "@muster/model/metrics/sample";
import type { NodeInventory, Template } from "@muster/model/node";
import type { Placements } from "./vps/placements.ts";

/** Templates of the node: template/store.ts over tar archives, or a list in memory. */
export interface Templates {
  list(): Promise<Template[]>;
  import(input: ImportTemplate, signal: AbortSignal, report?: (progress: Progress) => void): Promise<Template>;
}

/** The ring of samples: 1 Hz, 15 minutes (samplers/). */
export interface Samples {
  after(monotonicMs: number): NodeSample[];
  watch(signal: AbortSignal): AsyncIterable<NodeSample>;
}

/** Processes started inside a running VPS (terminal/). The agent has checked already that it runs. */
export interface Console {
  exec(input: Exec, signal: AbortSignal): Promise<ExecResult>;
  open(input: OpenTerminal): Promise<{ terminalId: string }>;
  write(input: WriteTerminal): Promise<void>;
  resize(input: ResizeTerminal): Promise<void>;
  close(terminalId: string): Promise<void>;
  output(input: { terminalId: string; afterSeq: number }, signal: AbortSignal): AsyncIterable<TerminalOutput>;
}

export interface AgentParts {
  description: AgentDescription;
  placements: Placements;
  templates: Templates;
  samples: Samples;
  console: Console;
  inventory(): Promise<NodeInventory>;
}

/** Input has been parsed at the door (agent-api/router.ts); nothing is parsed again here. */
export function createAgent(parts: AgentParts): Agent {
  const { placements, templates, samples, console } = parts;
  return {
    describe: async () => parts.description,
    inventory: () => parts.inventory(),
    listTemplates: () => templates.list(),
    importTemplate: (input, signal) => placements.importTemplate(input, signal),

    listVps: () => placements.list(),
    createVps: (input, signal) => placements.create(input, signal),
    startVps: (input, signal) => placements.start(input, signal),
    stopVps: (input, signal) => placements.stop(input, signal),
    deleteVps: (input, signal) => placements.delete(input, signal),

    configureVps: (input, signal) => placements.configure(input, signal),
    readLimits: ({ vpsId, names }) => placements.readLimits(vpsId, names),
    progress: async ({ key }) => placements.progress(key),
    listPlacements: () => placements.reports(),

    exec: async (input, signal) => {
      await placements.mustRun(input.vpsId);
      return console.exec(input, signal);
    },
    openTerminal: async (input) => {
      await placements.mustRun(input.vpsId);
      return console.open(input);
    },
    writeTerminal: (input) => console.write(input),
    resizeTerminal: (input) => console.resize(input),
    closeTerminal: ({ terminalId }) => console.close(terminalId),
    terminalOutput: (input, signal) => console.output(input, signal),

    samples: async ({ afterMonotonicMs }) => samples.after(afterMonotonicMs),
    watchSamples: (signal) => samples.watch(signal),
    watchVps: (signal) => placements.watch(signal),
  };
}
