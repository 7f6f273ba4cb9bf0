/**
 * A sample: counters at a time. Counters travel, rates are computed (rate.ts), so a lost or late sample
 * costs resolution and never a wrong figure. `bootId` and each VPS's `runId` say when counters began at zero.
 */
import { z } from "zod";
import { vpsIdSchema } from "../ids.ts";

const counter = z.number().int().nonnegative();

/** Microseconds of all CPUs since boot, by kind, from /proc/stat (man 5 proc_stat; guest time is part of user). */
export const cpuCountersSchema = z.object({
  userUs: counter,
  niceUs: counter,
  systemUs: counter,
  idleUs: counter,
  iowaitUs: counter,
  irqUs: counter,
  softirqUs: counter,
  stealUs: counter,
});

/** As the NIC counts: rx is what came in. For a VPS they are turned round: rx is what the VPS received. */
export const trafficCountersSchema = z.object({
  rxBytes: counter,
  txBytes: counter,
  rxPackets: counter,
  txPackets: counter,
});

export const nicSampleSchema = trafficCountersSchema.extend({
  name: z.string(),
  rxErrors: counter,
  txErrors: counter,
  rxDropped: counter,
  txDropped: counter,
});

export const vpsSampleSchema = trafficCountersSchema.extend({
  vpsId: vpsIdSchema,
  /** Changes at every start of the VPS: its counters begin again. */
  runId: z.string(),
  cpuUserUs: counter,
  cpuSystemUs: counter,
  memoryBytes: counter,
  pids: counter,
});

export const nodeSampleSchema = z.object({
  bootId: z.string(),
  /** Wall clock of the node in ms since the epoch: for the axis, never for a rate. */
  observedAtMs: z.number(),
  /** CLOCK_BOOTTIME or CLOCK_MONOTONIC in ms: for rates. */
  monotonicMs: z.number(),
  cores: z.number().int().positive(),
  cpu: cpuCountersSchema,
  memoryTotalBytes: counter,
  memoryAvailableBytes: counter,
  nics: z.array(nicSampleSchema),
  vps: z.array(vpsSampleSchema),
});

export type CpuCounters = z.infer<typeof cpuCountersSchema>;
export type TrafficCounters = z.infer<typeof trafficCountersSchema>;
export type NicSample = z.infer<typeof nicSampleSchema>;
export type VpsSample = z.infer<typeof vpsSampleSchema>;
export type NodeSample = z.infer<typeof nodeSampleSchema>;
