/**
 * What crosses the wire, method by method: the schema of each question and each answer, how long an answer may
 * take, and whether the question may be put again on a fresh connection when the old one broke under it.
 * The router (agent's side) and the client (server's side) read the same table, so neither can drift.
 */
import { vpsIdSchema } from "@muster/model/ids";
import { progressSchema } from "@muster/model/job";
import { limitNameSchema, limitsChangeSchema } from "@muster/model/limits/registry";
import { nodeSampleSchema } from "@muster/model/metrics/sample";
import { nodeInventorySchema, templateSchema } from "@muster/model/node";
import { placementStatusSchema } from "@muster/model/vps";
import { z } from "zod";
import {
  type Agent,
  closeTerminalSchema,
  configureVpsSchema,
  createVpsSchema,
  deleteVpsSchema,
  descriptionSchema,
  execResultSchema,
  execSchema,
  importTemplateSchema,
  openTerminalSchema,
  placementReportSchema,
  resizeTerminalSchema,
  startVpsSchema,
  stopVpsSchema,
  terminalIdSchema,
  terminalOutputSchema,
  writeTerminalSchema,
} from "./agent.ts";

/** Both sides put their PROTOCOL_VERSION here and refuse a peer that has another. */
export const PROTOCOL_HEADER = "muster-protocol";
/** The only name that an agent serves; the CA gives it to no node. */
export const SERVER_COMMON_NAME = "muster-server";

const nothing = z.undefined();
const SECOND = 1000;
const READ_MS = 10 * SECOND;
/** An importer unpacks gigabytes; a slow node's disk writes 30 MB/s. */
const IMPORT_MS = 900 * SECOND;
const CHANGE_MS = 60 * SECOND;

interface Call {
  input: z.ZodType;
  output: z.ZodType;
  deadlineMs: number;
  /** False where a second run would do a second thing: a terminal opened twice, a key typed twice. */
  repeatable: boolean;
}

export const CALLS = {
  describe: { input: nothing, output: descriptionSchema, deadlineMs: READ_MS, repeatable: true },
  inventory: { input: nothing, output: nodeInventorySchema, deadlineMs: 30 * SECOND, repeatable: true },
  listTemplates: { input: nothing, output: z.array(templateSchema), deadlineMs: READ_MS, repeatable: true },
  importTemplate: { input: importTemplateSchema, output: templateSchema, deadlineMs: IMPORT_MS, repeatable: true },
  listVps: { input: nothing, output: z.array(placementStatusSchema), deadlineMs: READ_MS, repeatable: true },
  createVps: { input: createVpsSchema, output: placementStatusSchema, deadlineMs: CHANGE_MS, repeatable: true },
  startVps: { input: startVpsSchema, output: placementStatusSchema, deadlineMs: CHANGE_MS, repeatable: true },
  stopVps: { input: stopVpsSchema, output: placementStatusSchema, deadlineMs: CHANGE_MS, repeatable: true },
  configureVps: { input: configureVpsSchema, output: placementStatusSchema, deadlineMs: CHANGE_MS, repeatable: true },
  readLimits: {
    input: z.object({ vpsId: vpsIdSchema, names: z.array(limitNameSchema).optional() }),
    output: limitsChangeSchema,
    deadlineMs: READ_MS,
    repeatable: true,
  },
  progress: {
    input: z.object({ key: z.string() }),
    output: progressSchema.nullable(),
    deadlineMs: READ_MS,
    repeatable: true,
  },
  listPlacements: { input: nothing, output: z.array(placementReportSchema), deadlineMs: READ_MS, repeatable: true },
  deleteVps: { input: deleteVpsSchema, output: nothing, deadlineMs: CHANGE_MS, repeatable: true },
  exec: { input: execSchema, output: execResultSchema, deadlineMs: READ_MS, repeatable: false },
  openTerminal: {
    input: openTerminalSchema,
    output: z.object({ terminalId: terminalIdSchema }),
    deadlineMs: READ_MS,
    repeatable: false,
  },
  writeTerminal: { input: writeTerminalSchema, output: nothing, deadlineMs: READ_MS, repeatable: false },
  resizeTerminal: { input: resizeTerminalSchema, output: nothing, deadlineMs: READ_MS, repeatable: true },
  closeTerminal: { input: closeTerminalSchema, output: nothing, deadlineMs: READ_MS, repeatable: true },
  samples: {
    input: z.object({ afterMonotonicMs: z.number() }),
    output: z.array(nodeSampleSchema),
    deadlineMs: 30 * SECOND,
    repeatable: true,
  },
} as const satisfies Record<string, Call>;

export const STREAMS = {
  terminalOutput: {
    input: z.object({ terminalId: terminalIdSchema, afterSeq: z.number().int().nonnegative() }),
    item: terminalOutputSchema,
  },
  watchSamples: { input: nothing, item: nodeSampleSchema },
  watchVps: { input: nothing, item: placementStatusSchema },
} as const satisfies Record<string, { input: z.ZodType; item: z.ZodType }>;

export type CallName = keyof typeof CALLS;
export type StreamName = keyof typeof STREAMS;

/** A method of the Agent that stands in neither table fails to compile here. */
type Missing = Exclude<keyof Agent, CallName | StreamName>;
export const NOTHING_MISSING: [Missing] extends [never] ? true : Missing = true;

/** The two calls that say themselves how long they may take get that on top. */
export function deadlineOf(name: CallName, input: unknown): number {
  const base = CALLS[name].deadlineMs;
  const own = ownTimeSchema.safeParse(input);
  return own.success ? base + (own.data.graceMs ?? 0) + (own.data.timeoutMs ?? 0) : base;
}

const ownTimeSchema = z.object({ graceMs: z.number().optional(), timeoutMs: z.number().optional() });
