/** A hardware node: what it is made of, what it can do and why not, and whether it is being heard. */
import { z } from "zod";
import { ipv4NetworkSchema, ipv4Schema } from "./address.ts";
import { nodeIdSchema, vpsIdSchema } from "./ids.ts";
import { overcommitSchema, sharesSchema } from "./limits/overcommit.ts";
import { type LimitName, limitNameSchema } from "./limits/registry.ts";
import { placementStateSchema, templateNameSchema, vpsSpecSchema } from "./vps.ts";

/** A figure that a driver may not report. The console prints "not reported by this driver" for null. */
const reported = <T extends z.ZodType>(schema: T) => schema.nullable();

export const nicOffloadSchema = z.object({ name: z.string(), on: z.boolean(), fixed: z.boolean() });

/** One network interface of the node; the VPSs' own veths are not among them. */
export const nicSchema = z.object({
  name: z.string(),
  kind: z.enum(["physical", "virtual", "bridge", "bond", "vlan", "loopback"]),
  mac: reported(z.string()),
  driver: reported(z.string()),
  driverVersion: reported(z.string()),
  firmwareVersion: reported(z.string()),
  busAddress: reported(z.string()),
  linkUp: reported(z.boolean()),
  /** Bits per second as negotiated, from sysfs `speed` in Mbit/s. */
  speedBitsPerSecond: reported(z.number().int().positive()),
  duplex: reported(z.enum(["full", "half"])),
  mtuBytes: z.number().int().positive(),
  addresses: z.array(z.string()),
  master: z.string().nullable(),
  offloads: reported(z.array(nicOffloadSchema)),
  rxQueues: reported(z.number().int().positive()),
  txQueues: reported(z.number().int().positive()),
  rxErrors: reported(z.number().int().nonnegative()),
  txErrors: reported(z.number().int().nonnegative()),
  rxDropped: reported(z.number().int().nonnegative()),
  txDropped: reported(z.number().int().nonnegative()),
  rxCrcErrors: reported(z.number().int().nonnegative()),
  collisions: reported(z.number().int().nonnegative()),
  carrierChanges: reported(z.number().int().nonnegative()),
});
export type Nic = z.infer<typeof nicSchema>;

export const diskSchema = z.object({
  name: z.string(),
  model: reported(z.string()),
  sizeBytes: z.number().int().nonnegative(),
  rotational: reported(z.boolean()),
  readOnly: z.boolean(),
});
export type Disk = z.infer<typeof diskSchema>;

/** The names of all that a node may be able to do. `vps` is the sum: without it no VPS can be made there. */
export const capabilityNameSchema = z.enum([
  "vps",
  "unprivileged",
  "overlay",
  "storage",
  "network",
  "cgroups",
  "seccomp",
  "criu",
  "criu-page-server-uncorked",
  "soft-dirty",
  "nftables",
  "ethtool",
]);
export const capabilitySchema = z.object({
  name: capabilityNameSchema,
  available: z.boolean(),
  /** One sentence: what was found, or what is missing and how to get it. */
  detail: z.string(),
});
export type CapabilityName = z.infer<typeof capabilityNameSchema>;
export type Capability = z.infer<typeof capabilitySchema>;

/** Whether this node can hold a limit, and why not: what its driver found when it tried. */
export const limitFindingSchema = z.object({
  name: limitNameSchema,
  available: z.boolean(),
  /** One sentence, as a capability's. */
  detail: z.string(),
});
export type LimitFinding = z.infer<typeof limitFindingSchema>;

/** A limit that the node says nothing of cannot be changed there. */
export function limitFinding(inventory: Pick<NodeInventory, "limits"> | null, name: LimitName): LimitFinding {
  const found = inventory?.limits.find((finding) => finding.name === name);
  return found ?? { name, available: false, detail: "The node has not said whether it can." };
}

export const poolSchema = z.object({
  kind: z.enum(["btrfs-device", "btrfs-loop", "simulated"]),
  sizeBytes: z.number().int().nonnegative(),
  usedBytes: z.number().int().nonnegative(),
});

export const nodeNetworkSchema = z.object({
  bridge: z.string(),
  network: ipv4NetworkSchema,
  gateway: ipv4Schema,
});

export const nodeInventorySchema = z.object({
  hostname: z.string(),
  operatingSystem: z.string(),
  kernel: z.string(),
  architecture: z.string(),
  bootId: z.string(),
  cgroupLayout: z.enum(["v1-hybrid", "v2", "none", "simulated"]),
  cpu: z.object({
    model: reported(z.string()),
    cores: z.number().int().positive(),
    sockets: reported(z.number().int().positive()),
    mhz: reported(z.number().positive()),
    flags: z.array(z.string()),
  }),
  memoryBytes: z.number().int().positive(),
  swapBytes: z.number().int().nonnegative(),
  disks: z.array(diskSchema),
  nics: z.array(nicSchema),
  pool: poolSchema.nullable(),
  network: nodeNetworkSchema,
  capabilities: z.array(capabilitySchema),
  /** Agents of before protocol 2 say nothing of limits. */
  limits: z.array(limitFindingSchema).default([]),
});
export type NodeInventory = z.infer<typeof nodeInventorySchema>;

export const guestInitSchema = z.enum(["busybox", "sysvinit", "systemd"]);
export const templateSchema = z.object({
  name: templateNameSchema,
  description: z.string(),
  /** SHA-256 of the imported tar archive, lower-case hex. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/, "must be 64 hexadecimal digits"),
  sizeBytes: z.number().int().nonnegative(),
  init: guestInitSchema,
});
export type GuestInit = z.infer<typeof guestInitSchema>;
export type Template = z.infer<typeof templateSchema>;

/** Never green for unknown: a node that has not been heard of for 5 s is `unknown`. `enrolling` has not yet spoken. */
export const nodeHealthSchema = z.enum(["healthy", "unknown", "enrolling"]);
export type NodeHealth = z.infer<typeof nodeHealthSchema>;

export const NODE_SILENCE_MS = 5_000;

export function nodeHealth(heardAtMs: number | null, nowMs: number): NodeHealth {
  if (heardAtMs === null) return "enrolling";
  return nowMs - heardAtMs > NODE_SILENCE_MS ? "unknown" : "healthy";
}

export const nodeSummarySchema = z.object({
  id: nodeIdSchema,
  name: z.string(),
  simulated: z.boolean(),
  health: nodeHealthSchema,
  /** Why it is not healthy, in the words of the last attempt. */
  healthReason: z.string().nullable(),
  observedAt: z.iso.datetime().nullable(),
  cores: z.number().int().positive().nullable(),
  memoryBytes: z.number().int().positive().nullable(),
  /** Sum of the memory promised to the VPSs placed there. */
  memoryAllocatedBytes: z.number().int().nonnegative(),
  /** VPSs on the node that are in no inventory (watchers/orphans.ts). */
  orphanCount: z.number().int().nonnegative(),
  vpsCount: z.number().int().nonnegative(),
});
export type NodeSummary = z.infer<typeof nodeSummarySchema>;

/** What is on a node and in no inventory: shown, can be adopted, never deleted by itself. */
export const orphanSchema = z.object({
  nodeId: nodeIdSchema,
  nodeName: z.string(),
  vpsId: vpsIdSchema,
  spec: vpsSpecSchema,
  state: placementStateSchema,
  epoch: z.number().int().positive(),
  /** Why it cannot be adopted as things are, in one sentence; null: it can be. */
  adoptRefusal: z.string().nullable(),
  foundAt: z.iso.datetime(),
  observedAt: z.iso.datetime(),
});
export type Orphan = z.infer<typeof orphanSchema>;

export const nodeDetailSchema = nodeSummarySchema.extend({
  address: z.string(),
  agentVersion: z.string().nullable(),
  inventory: nodeInventorySchema.nullable(),
  templates: z.array(templateSchema),
  overcommit: overcommitSchema,
  /** What it has for VPSs, and what it has promised to them; null while its inventory is not known. */
  shares: z.object({ capacity: sharesSchema, promised: sharesSchema }).nullable(),
  enrolledAt: z.iso.datetime(),
});
export type NodeDetail = z.infer<typeof nodeDetailSchema>;
