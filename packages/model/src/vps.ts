/**
 * A VPS: its spec (what the server wants), its status (what its node sees), and what may be done with it.
 * The spec has one owner, the server; the status has one owner, the node. Nothing here is stored twice.
 */
import { z } from "zod";
import { ipv4Schema, macSchema } from "./address.ts";
import { errorViewSchema } from "./errors.ts";
import { jobIdSchema, nodeIdSchema, vpsIdSchema } from "./ids.ts";
import { underWay } from "./job-title.ts";
import { limitValueSchema } from "./limits/limit.ts";
import { limitNameSchema, limitsChangeSchema, limitsSchema } from "./limits/registry.ts";
import type { Permission } from "./permission.ts";

/** A DNS label (RFC 1123) that begins with a letter: it is the VPS's host name too. Never used as a path or an option. */
export const vpsNameSchema = z
  .string()
  .regex(
    /^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/,
    "must be 1 to 63 of a-z, 0-9 and '-', begin with a letter and not end in '-'",
  );

export const templateNameSchema = z
  .string()
  .regex(/^[a-z][a-z0-9.-]{0,62}$/, "must be 1 to 63 of a-z, 0-9, '.' and '-', and begin with a letter");

export const vpsSpecSchema = z.object({
  name: vpsNameSchema,
  template: templateNameSchema,
  /** Static, inside the node's network; its MAC follows from it (address.ts). */
  address: ipv4Schema,
  limits: limitsSchema,
});

export type VpsSpec = z.infer<typeof vpsSpecSchema>;
/** As it may be asked for: limits that are not named have their initial values. */
export type VpsSpecInput = z.input<typeof vpsSpecSchema>;

/** What the node sees of a placement. `broken`: half of it is missing, `reason` says which. */
export const placementStateSchema = z.enum(["preparing", "stopped", "running", "broken"]);

export const placementStatusSchema = z.object({
  vpsId: vpsIdSchema,
  /** Only the node increments it; a status with a lower one than stored is late and falls away. */
  statusSeq: z.number().int().nonnegative(),
  epoch: z.number().int().positive(),
  /** The generation of the spec that the node has applied. */
  appliedGeneration: z.number().int().nonnegative(),
  state: placementStateSchema,
  reason: z.string().nullable(),
  /** When it was last started, ms since the epoch; null while it is not running. */
  startedAtMs: z.number().nullable(),
  diskUsedBytes: z.number().int().nonnegative().nullable(),
  observedAtMs: z.number(),
});
export type PlacementState = z.infer<typeof placementStateSchema>;
export type PlacementStatus = z.infer<typeof placementStatusSchema>;

/** What people see. `unknown`: the node has not been heard of lately, so nobody knows; it is never drawn green. */
export const vpsStateSchema = z.enum([
  "creating",
  "stopped",
  "starting",
  "running",
  "stopping",
  "restarting",
  "deleting",
  "failed",
  "unknown",
]);
export type VpsState = z.infer<typeof vpsStateSchema>;

export const vpsOperationSchema = z.enum([
  "vps.create",
  "vps.start",
  "vps.stop",
  "vps.restart",
  "vps.delete",
  "vps.setLimits",
  "vps.rename",
  "vps.adopt",
]);
export type VpsOperation = z.infer<typeof vpsOperationSchema>;

/** Null: the VPS goes on as it is meanwhile, and is shown so. */
const STATE_DURING = {
  "vps.create": "creating",
  "vps.start": "starting",
  "vps.stop": "stopping",
  "vps.restart": "restarting",
  "vps.delete": "deleting",
  "vps.setLimits": null,
  "vps.rename": null,
  "vps.adopt": null,
} as const satisfies Record<VpsOperation, VpsState | null>;

const STATE_OF_PLACEMENT = {
  preparing: "creating",
  stopped: "stopped",
  running: "running",
  broken: "failed",
} as const satisfies Record<PlacementState, VpsState>;

/** The state to show: a job under way first, then what the node said, unless the node is silent. */
export function vpsState(facts: {
  operation: VpsOperation | null;
  placement: PlacementState | null;
  nodeHeard: boolean;
}): VpsState {
  const during = facts.operation === null ? null : STATE_DURING[facts.operation];
  if (during !== null) return during;
  if (!facts.nodeHeard) return "unknown";
  return facts.placement === null ? "failed" : STATE_OF_PLACEMENT[facts.placement];
}

/** The job that holds a VPS: one operation at a time. */
export const holdingJobSchema = z.object({ jobId: jobIdSchema, operation: vpsOperationSchema });

export const vpsSchema = z.object({
  id: vpsIdSchema,
  nodeId: nodeIdSchema,
  nodeName: z.string(),
  /** True where the node is a simulated one; shown wherever the VPS is. */
  simulated: z.boolean(),
  spec: vpsSpecSchema,
  mac: macSchema,
  generation: z.number().int().positive(),
  epoch: z.number().int().positive(),
  state: vpsStateSchema,
  /** Why it is failed or unknown, in words. */
  stateReason: z.string().nullable(),
  status: placementStatusSchema.nullable(),
  holdingJob: holdingJobSchema.nullable(),
  createdAt: z.iso.datetime(),
});
export type Vps = z.infer<typeof vpsSchema>;

const YES: Permission = { allowed: true };
const no = (reason: string): Permission => ({ allowed: false, reason });

type VpsFacts = Pick<Vps, "state" | "holdingJob">;

function whenIn(states: readonly VpsState[], otherwise: (state: VpsState) => string) {
  return (vps: VpsFacts): Permission => {
    if (vps.holdingJob !== null) return no(underWay(vps.holdingJob));
    if (vps.state === "unknown") return no("Its node has not been heard of lately.");
    return states.includes(vps.state) ? YES : no(otherwise(vps.state));
  };
}

/** The one rule table: it serves the button, the procedure and the operation. */
export const vpsCan = {
  start: whenIn(["stopped", "failed"], (state) => `It is ${state}; only a stopped VPS can be started.`),
  stop: whenIn(["running"], (state) => `It is ${state}; only a running VPS can be stopped.`),
  restart: whenIn(["running"], (state) => `It is ${state}; only a running VPS can be restarted.`),
  delete: whenIn(["stopped", "failed", "running"], (state) => `It is ${state}.`),
  setLimits: whenIn(["running", "stopped"], (state) => `It is ${state}; limits change while it runs or is stopped.`),
  rename: whenIn(["running", "stopped"], (state) => `It is ${state}; it is renamed while it runs or is stopped.`),
  terminal: whenIn(["running"], (state) => `It is ${state}; a terminal needs a running VPS.`),
} as const satisfies Record<string, (vps: VpsFacts) => Permission>;

/** One limit of a VPS that was changed: by whom, when, from what, to what. */
export const allocationChangeSchema = z.object({
  id: z.string(),
  at: z.iso.datetime(),
  actor: z.string(),
  limit: limitNameSchema,
  /** Absent at creation. */
  from: limitValueSchema.optional(),
  to: limitValueSchema,
  /** When it is to be set back by itself. */
  until: z.iso.datetime().nullable(),
  jobId: jobIdSchema.nullable(),
});
export type AllocationChange = z.infer<typeof allocationChangeSchema>;

/** The end of a change that was asked for until a certain time. It fires once, as a job of its own. */
export const timedChangeSchema = z.object({
  id: z.string(),
  vpsId: vpsIdSchema,
  vpsName: z.string(),
  actor: z.string(),
  dueAt: z.iso.datetime(),
  /** What is set back, and to what. */
  back: limitsChangeSchema,
  /** `superseded`: the same limits were changed again meanwhile. `refused`: `reason` says why; it is not tried again. */
  state: z.enum(["pending", "fired", "cancelled", "superseded", "refused"]),
  reason: z.string().nullable(),
  /** The job that set it back. */
  jobId: jobIdSchema.nullable(),
});
export type TimedChange = z.infer<typeof timedChangeSchema>;

/** The end of a change that did not come to be. `back` has the limits that still are not what they were to be again. */
export const notSetBackSchema = timedChangeSchema.pick({
  id: true,
  vpsId: true,
  vpsName: true,
  dueAt: true,
  back: true,
  reason: true,
});
export type NotSetBack = z.infer<typeof notSetBackSchema>;

/** What a list shows when it has no VPS: an error never looks like an empty fleet. */
export const vpsPageSchema = z.object({
  items: z.array(vpsSchema),
  total: z.number().int().nonnegative(),
  nextCursor: z.string().nullable(),
});
export type VpsPage = z.infer<typeof vpsPageSchema>;

/** Kept here so that a step's recorded failure and a VPS's reason read alike. */
export const failureSchema = errorViewSchema;
