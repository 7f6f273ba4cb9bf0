/**
 * The one function that makes rates. It never invents: where two samples cannot be compared (a reboot, a
 * restart, a counter that went back, a gap) the rate is null, and a chart draws a gap.
 */
import { z } from "zod";
import type { CpuCounters, NodeSample, TrafficCounters, VpsSample } from "./sample.ts";

const rate = z.number().nonnegative().nullable();

export const trafficRateSchema = z.object({ rxBitsPerSecond: rate, txBitsPerSecond: rate });

/** Shares of the node's CPU, in cores: they add up to the cores that the node has. */
export const cpuRateSchema = z.object({
  /** What the VPSs' own processes used, user and system. */
  vpsCores: rate,
  /** Software interrupts: most of it is the network's. */
  softirqCores: rate,
  /** Kernel and hardware interrupts, less what the VPSs' own system calls used. */
  systemCores: rate,
  /** Everything else that was not idle: agent, daemons, stolen time. */
  restCores: rate,
  idleCores: rate,
});

export const nodeRateSchema = z.object({
  atMs: z.number(),
  cpu: cpuRateSchema,
  memoryUsedBytes: z.number().nonnegative(),
  nics: z.record(z.string(), trafficRateSchema),
});

export const vpsRateSchema = trafficRateSchema.extend({
  atMs: z.number(),
  cpuCores: rate,
  memoryBytes: z.number().nonnegative().nullable(),
});

export type TrafficRate = z.infer<typeof trafficRateSchema>;
export type CpuRate = z.infer<typeof cpuRateSchema>;
export type NodeRate = z.infer<typeof nodeRateSchema>;
export type VpsRate = z.infer<typeof vpsRateSchema>;

/** Two samples further apart than this many intervals have a gap between them. */
const GAP_INTERVALS = 2.5;

/** Units of the counter per second, or null where the counter went back. `elapsedMs` is above zero. */
export function counterRate(before: number, after: number, elapsedMs: number): number | null {
  return after < before ? null : ((after - before) * 1000) / elapsedMs;
}

/** Milliseconds between two comparable samples; null across a reboot, a gap or a clock that stood still. */
export function elapsedBetween(
  before: Pick<NodeSample, "bootId" | "monotonicMs">,
  after: Pick<NodeSample, "bootId" | "monotonicMs">,
  intervalMs: number,
): number | null {
  const elapsedMs = after.monotonicMs - before.monotonicMs;
  const comparable = before.bootId === after.bootId && elapsedMs > 0 && elapsedMs <= intervalMs * GAP_INTERVALS;
  return comparable ? elapsedMs : null;
}

const NO_TRAFFIC_RATE: TrafficRate = { rxBitsPerSecond: null, txBitsPerSecond: null };
const TRAFFIC_KEYS = ["rxBytes", "txBytes", "rxPackets", "txPackets"] as const satisfies (keyof TrafficCounters)[];

/** A driver resets all the counters of an interface at once: where one went back, the others say nothing either. */
export function trafficRate(before: TrafficCounters, after: TrafficCounters, elapsedMs: number): TrafficRate {
  if (TRAFFIC_KEYS.some((key) => after[key] < before[key])) return NO_TRAFFIC_RATE;
  const bitsPerSecond = (bytes: number) => (bytes * 8 * 1000) / elapsedMs;
  return {
    rxBitsPerSecond: bitsPerSecond(after.rxBytes - before.rxBytes),
    txBitsPerSecond: bitsPerSecond(after.txBytes - before.txBytes),
  };
}
const NO_CPU_RATE: CpuRate = {
  vpsCores: null,
  softirqCores: null,
  systemCores: null,
  restCores: null,
  idleCores: null,
};

interface VpsCpuUs {
  userUs: number;
  systemUs: number;
}

/** CPU time that the VPSs used between two samples. One that started in between counts from its zero. */
function vpsCpuBetween(before: readonly VpsSample[], after: readonly VpsSample[]): VpsCpuUs {
  const known = new Map(before.map((vps) => [`${vps.vpsId}/${vps.runId}`, vps]));
  return after.reduce<VpsCpuUs>(
    (sum, vps) => {
      const old = known.get(`${vps.vpsId}/${vps.runId}`);
      return {
        userUs: sum.userUs + Math.max(0, vps.cpuUserUs - (old?.cpuUserUs ?? 0)),
        systemUs: sum.systemUs + Math.max(0, vps.cpuSystemUs - (old?.cpuSystemUs ?? 0)),
      };
    },
    { userUs: 0, systemUs: 0 },
  );
}

/** Counters that only a reset takes back. idle and iowait may go back by a tick (man 5 proc_stat): none was spent. */
const MONOTONE_CPU_KEYS = ["userUs", "niceUs", "systemUs", "irqUs", "softirqUs", "stealUs"] as const;

/**
 * The VPSs' counters are read a moment after the node's, so over a short interval they may claim more than the
 * node spent in all, and a VPS that one sample missed claims its whole life. What the node spent is the limit of
 * what they are believed: the shares then always add up.
 */
function cpuRate(before: NodeSample, after: NodeSample, elapsedMs: number): CpuRate {
  if (MONOTONE_CPU_KEYS.some((key) => after.cpu[key] < before.cpu[key])) return NO_CPU_RATE;
  const spent = (key: keyof CpuCounters) => Math.max(0, after.cpu[key] - before.cpu[key]);
  const cores = (us: number) => us / 1000 / elapsedMs;
  const userUs = spent("userUs") + spent("niceUs");
  const systemUs = spent("systemUs") + spent("irqUs");
  const claimed = vpsCpuBetween(before.vps, after.vps);
  const vpsUserUs = Math.min(claimed.userUs, userUs);
  const vpsSystemUs = Math.min(claimed.systemUs, systemUs);
  return {
    vpsCores: cores(vpsUserUs + vpsSystemUs),
    softirqCores: cores(spent("softirqUs")),
    systemCores: cores(systemUs - vpsSystemUs),
    restCores: cores(userUs - vpsUserUs + spent("stealUs")),
    idleCores: cores(spent("idleUs") + spent("iowaitUs")),
  };
}

/** @param intervalMs the interval at which the samples were meant to come: 1,000 live, 10,000 stored. */
export function nodeRate(before: NodeSample, after: NodeSample, intervalMs: number): NodeRate {
  const elapsedMs = elapsedBetween(before, after, intervalMs);
  const old = new Map(before.nics.map((nic) => [nic.name, nic]));
  const nics = after.nics.map((nic) => {
    const previous = old.get(nic.name);
    const comparable = elapsedMs !== null && previous !== undefined;
    return [nic.name, comparable ? trafficRate(previous, nic, elapsedMs) : NO_TRAFFIC_RATE] as const;
  });
  return {
    atMs: after.observedAtMs,
    cpu: elapsedMs === null ? NO_CPU_RATE : cpuRate(before, after, elapsedMs),
    memoryUsedBytes: Math.max(0, after.memoryTotalBytes - after.memoryAvailableBytes),
    nics: Object.fromEntries(nics),
  };
}

/** The rate of one VPS. Null figures where it was not running in both samples, or was restarted between them. */
export function vpsRate(vpsId: string, pair: { before: NodeSample; after: NodeSample; intervalMs: number }): VpsRate {
  const { before, after, intervalMs } = pair;
  const elapsedMs = elapsedBetween(before, after, intervalMs);
  const now = after.vps.find((vps) => vps.vpsId === vpsId);
  const then = before.vps.find((vps) => vps.vpsId === vpsId && vps.runId === now?.runId);
  const base = { atMs: after.observedAtMs, memoryBytes: now?.memoryBytes ?? null };
  if (elapsedMs === null || now === undefined || then === undefined) {
    return { ...base, ...NO_TRAFFIC_RATE, cpuCores: null };
  }
  const cpuUs = counterRate(then.cpuUserUs + then.cpuSystemUs, now.cpuUserUs + now.cpuSystemUs, elapsedMs);
  return { ...base, ...trafficRate(then, now, elapsedMs), cpuCores: cpuUs === null ? null : cpuUs / 1_000_000 };
}
