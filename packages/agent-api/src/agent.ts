/**
 * The Agent: everything that a server may ask of a node. One interface, two engines behind it (the real one
 * and the simulated one), one exam for both (conformance.ts).
 *
 * Every call that changes something carries a `key` (`jobId:step`): the agent keeps the answers of the keys it
 * has finished on disk and repeats the answer instead of the work, so a caller may retry blindly. It carries
 * the placement's `epoch` too: an agent refuses an epoch older than the highest it has seen (`epoch_stale`).
 * Failures are MusterErrors; their codes are named at each method.
 */
import { macSchema } from "@muster/model/address";
import { nodeIdSchema, type VpsId, vpsIdSchema } from "@muster/model/ids";
import type { Progress } from "@muster/model/job";
import type { LimitName, LimitsChange } from "@muster/model/limits/registry";
import type { NodeSample } from "@muster/model/metrics/sample";
import { guestInitSchema, type NodeInventory, type Template } from "@muster/model/node";
import { type PlacementStatus, placementStatusSchema, templateNameSchema, vpsSpecSchema } from "@muster/model/vps";
import { z } from "zod";

/** Raised at every change that an older peer would misread; both sides refuse another number. */
export const PROTOCOL_VERSION = 2;

export const descriptionSchema = z.object({
  protocolVersion: z.number().int(),
  agentVersion: z.string(),
  nodeId: nodeIdSchema,
  bootId: z.string(),
  simulated: z.boolean(),
});
export type AgentDescription = z.infer<typeof descriptionSchema>;

const keyed = z.object({ key: z.string().min(1).max(200) });
const placed = keyed.extend({ vpsId: vpsIdSchema, epoch: z.number().int().positive() });

export const createVpsSchema = placed.extend({
  generation: z.number().int().positive(),
  spec: vpsSpecSchema,
  mac: macSchema,
});
export type CreateVps = z.infer<typeof createVpsSchema>;

export const startVpsSchema = placed;
export type StartVps = z.infer<typeof startVpsSchema>;

export const stopVpsSchema = placed.extend({
  /** How long the guest may take to stop in order before it is killed. */
  graceMs: z.number().int().min(0).max(600_000),
});
export type StopVps = z.infer<typeof stopVpsSchema>;

/** The whole spec that is to hold from now on. What cannot change on a node (template, address) is as it was. */
export const configureVpsSchema = placed.extend({ generation: z.number().int().positive(), spec: vpsSpecSchema });
export type ConfigureVps = z.infer<typeof configureVpsSchema>;

/** A placement with all that an inventory has to know of it: what a server that lost its own is given back. */
export const placementReportSchema = z.object({
  spec: vpsSpecSchema,
  mac: macSchema,
  generation: z.number().int().positive(),
  status: placementStatusSchema,
});
export type PlacementReport = z.infer<typeof placementReportSchema>;

export const deleteVpsSchema = placed;
export type DeleteVps = z.infer<typeof deleteVpsSchema>;

/** `path`: an archive on the node itself, below the agent's import directory; the name is a file name, never a path. */
export const importTemplateSchema = keyed.extend({
  name: templateNameSchema,
  description: z.string().max(200),
  init: guestInitSchema,
  fileName: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/, "must be a plain file name"),
  sha256: z.string().regex(/^[0-9a-f]{64}$/, "must be 64 hexadecimal digits"),
});
export type ImportTemplate = z.infer<typeof importTemplateSchema>;

export const execSchema = z.object({
  vpsId: vpsIdSchema,
  /** An argument vector, never a shell line. */
  argv: z.array(z.string().max(4096)).min(1).max(64),
  timeoutMs: z.number().int().min(1).max(60_000),
});
export type Exec = z.infer<typeof execSchema>;

/** Output is cut at 1 MiB each; `truncated` says so. */
export const execResultSchema = z.object({
  exitCode: z.number().int(),
  stdout: z.string(),
  stderr: z.string(),
  truncated: z.boolean(),
});
export type ExecResult = z.infer<typeof execResultSchema>;

const terminalSize = z.object({ columns: z.number().int().min(1).max(500), rows: z.number().int().min(1).max(500) });
export const terminalIdSchema = z.string().regex(/^[0-9a-f]{32}$/, "is not the id of a terminal");
export const openTerminalSchema = terminalSize.extend({ vpsId: vpsIdSchema });
export const writeTerminalSchema = z.object({ terminalId: terminalIdSchema, data: z.string().max(65_536) });
export const resizeTerminalSchema = terminalSize.extend({ terminalId: terminalIdSchema });
export const closeTerminalSchema = z.object({ terminalId: terminalIdSchema });
/** `data` is base64 of raw bytes: a multi-byte character may be cut anywhere. `seq` counts from 1. */
export const terminalOutputSchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("data"), seq: z.number().int(), data: z.string() }),
  z.object({ type: z.literal("exit"), seq: z.number().int(), exitCode: z.number().int().nullable() }),
]);
export type OpenTerminal = z.infer<typeof openTerminalSchema>;
export type WriteTerminal = z.infer<typeof writeTerminalSchema>;
export type ResizeTerminal = z.infer<typeof resizeTerminalSchema>;
export type CloseTerminal = z.infer<typeof closeTerminalSchema>;
export type TerminalOutput = z.infer<typeof terminalOutputSchema>;

export interface Agent {
  describe(): Promise<AgentDescription>;
  inventory(): Promise<NodeInventory>;
  listTemplates(): Promise<Template[]>;
  /** checksum_mismatch, archive_invalid, not_found (no such file), name_taken, disk_full */
  importTemplate(input: ImportTemplate, signal: AbortSignal): Promise<Template>;

  /** Every placement on the node, as the node itself sees it now. */
  listVps(): Promise<PlacementStatus[]>;
  /**
   * Makes everything but the running processes: private area with its limit, mounts, bundle. The VPS is then `stopped`.
   * template_missing, address_taken, pool_full, disk_full, unsupported, epoch_stale
   */
  createVps(input: CreateVps, signal: AbortSignal): Promise<PlacementStatus>;
  /** Returns when the guest's init runs. Starting a running VPS is no error. not_found, epoch_stale, engine_failed */
  startVps(input: StartVps, signal: AbortSignal): Promise<PlacementStatus>;
  /** Orderly, then forced. Stopping a stopped VPS is no error. not_found, epoch_stale */
  stopVps(input: StopVps, signal: AbortSignal): Promise<PlacementStatus>;
  /**
   * Nothing of it is left on the node afterwards; what was asked of this placement before and arrives after is refused.
   * Deleting what is not there is no error. epoch_stale
   */
  deleteVps(input: DeleteVps, signal: AbortSignal): Promise<void>;

  /**
   * Brings a VPS to a newer spec, running or stopped, without a gap: every limit that differs is applied in place, all or
   * none, and its name becomes the guest's host name. An older generation than the one applied is refused (state_conflict).
   * not_found, epoch_stale, state_conflict, invalid_input (what cannot change on a node), below_use, pool_full, disk_full,
   * unsupported (this node cannot hold that limit), deadline_exceeded, engine_failed
   */
  configureVps(input: ConfigureVps, signal: AbortSignal): Promise<PlacementStatus>;
  /**
   * The limits as the kernel holds them now, read back. Values may be rounded as the kernel rounds them (memory to
   * pages). Of a stopped VPS only what outlives a run (the disk). With `names` only those: some cost a process each.
   * not_found, engine_failed
   */
  readLimits(input: { vpsId: VpsId; names?: LimitName[] | undefined }): Promise<LimitsChange>;
  /** How far the call with this key has come; null when it is not under way or counts nothing. */
  progress(input: { key: string }): Promise<Progress | null>;
  /** Every placement with its spec: more than listVps, for a server that does not know them. */
  listPlacements(): Promise<PlacementReport[]>;

  /** not_found, state_conflict (not running), deadline_exceeded */
  exec(input: Exec, signal: AbortSignal): Promise<ExecResult>;
  openTerminal(input: OpenTerminal): Promise<{ terminalId: string }>;
  writeTerminal(input: WriteTerminal): Promise<void>;
  resizeTerminal(input: ResizeTerminal): Promise<void>;
  closeTerminal(input: CloseTerminal): Promise<void>;
  /** From `afterSeq` on (0 = from the beginning of what is kept, 256 KiB), then live until it exits. */
  terminalOutput(input: { terminalId: string; afterSeq: number }, signal: AbortSignal): AsyncIterable<TerminalOutput>;

  /** Samples of the last 15 minutes at 1 Hz, oldest first, later than the given node's monotonic time. */
  samples(input: { afterMonotonicMs: number }): Promise<NodeSample[]>;
  /** One sample a second, as it is taken. */
  watchSamples(signal: AbortSignal): AsyncIterable<NodeSample>;
  /** A status at every change. A stream notifies; listVps is the truth. */
  watchVps(signal: AbortSignal): AsyncIterable<PlacementStatus>;
}
