/**
 * The counters of a simulated node at any time of its last quarter of an hour. What a VPS counts, the node's
 * production port and CPU count too, so the charts of the node and of its VPSs tell one story.
 */
import type { CpuCounters, NicSample, NodeSample, TrafficCounters, VpsSample } from "@muster/model/metrics/sample";
import { type Allowance, allowanceAt, NOTHING_USED, type Used } from "./allowance.ts";
import { type Hardware, PORTS } from "./hardware.ts";
import { fractionOf, magnitudeOf } from "./seed.ts";
import { GREATEST_RATE, type Shape, shapeOf } from "./shape.ts";
import { addTotals, NO_TOTALS, type Run, type Totals, type World } from "./world.ts";

const US_PER_S = 1_000_000;
/** Bytes of a mean packet, in and out: requests are small, answers are not. */
const RX_PACKET_BYTES = 300;
const TX_PACKET_BYTES = 1_100;
/** Half a core at 1 Gbit/s, which is what a bridge and a veth cost on the machines this project was measured on. */
const SOFTIRQ_US_PER_BYTE = 0.004;
/** So that even fifty busy VPSs leave the smallest simulated node some idle time. */
const MOST_MEAN_CORES = 0.12;
const AGENT_CORES = 0.01;
const SYSTEM_CORES = 0.03;

interface Profile {
  traffic: Shape;
  work: Shape;
  rxBytesPerSecond: number;
  txBytesPerSecond: number;
  systemShare: number;
  memoryShare: number;
  pids: number;
}

const profiles = new Map<string, Profile>();

function profileOf(seed: string): Profile {
  const known = profiles.get(seed);
  if (known !== undefined) return known;
  const profile: Profile = {
    traffic: shapeOf(`${seed} traffic`),
    work: shapeOf(`${seed} work`),
    rxBytesPerSecond: magnitudeOf(`${seed} rx`, { least: 2_000, most: 120_000 }),
    txBytesPerSecond: magnitudeOf(`${seed} tx`, { least: 8_000, most: 900_000 }),
    systemShare: 0.1 + 0.3 * fractionOf(`${seed} system`),
    memoryShare: 0.15 + 0.5 * fractionOf(`${seed} memory`),
    pids: 3 + Math.floor(40 * fractionOf(`${seed} pids`)),
  };
  profiles.set(seed, profile);
  return profile;
}

function trafficBetween({ traffic, rxBytesPerSecond, txBytesPerSecond }: Profile, fromMs: number, toMs: number) {
  const passed = traffic.between(fromMs, toMs);
  return packed(passed * rxBytesPerSecond, passed * txBytesPerSecond);
}

function packed(rx: number, tx: number): TrafficCounters {
  const [rxBytes, txBytes] = [Math.floor(rx), Math.floor(tx)];
  return {
    rxBytes,
    txBytes,
    rxPackets: Math.floor(rxBytes / RX_PACKET_BYTES),
    txPackets: Math.floor(txBytes / TX_PACKET_BYTES),
  };
}

/** A mean that even the busiest second keeps below the limit. */
function withinRate(bytesPerSecond: number, limit: number | null): number {
  return limit === null ? bytesPerSecond : Math.min(bytesPerSecond, limit / 8 / GREATEST_RATE);
}

/** What a run had used at a time: what it had when its present allowance began, and what came since. */
export function usedAt(run: Run, atMs: number): Used {
  const { traffic, work, rxBytesPerSecond, txBytesPerSecond } = profileOf(run.vpsId);
  const untilMs = Math.min(atMs, run.endsAtMs ?? atMs);
  const allowance = allowanceAt(run.allowances, untilMs) ?? asStarted(run);
  const { fromMs, cpuCores, ingress, egress, before } = allowance;
  const passed = traffic.between(fromMs, untilMs);
  const worked = work.between(fromMs, untilMs) * Math.min(MOST_MEAN_CORES, cpuCores * 0.3);
  return {
    rxBytes: before.rxBytes + passed * withinRate(rxBytesPerSecond, ingress),
    txBytes: before.txBytes + passed * withinRate(txBytesPerSecond, egress),
    cpuUs: before.cpuUs + worked * US_PER_S,
  };
}

function asStarted({ startedAtMs, cpuCores, memoryBytes }: Run): Allowance {
  return { fromMs: startedAtMs, cpuCores, memoryBytes, egress: null, ingress: null, before: NOTHING_USED };
}

/** What a run had counted at a time; what it counted in all, when it had ended by then. */
export function totalsAt(run: Run, atMs: number): Totals {
  const { systemShare } = profileOf(run.vpsId);
  const { rxBytes, txBytes, cpuUs } = usedAt(run, atMs);
  return {
    ...packed(rxBytes, txBytes),
    cpuUserUs: Math.floor(cpuUs * (1 - systemShare)),
    cpuSystemUs: Math.floor(cpuUs * systemShare),
  };
}

export function vpsSampleOf(run: Run, atMs: number): VpsSample {
  const { memoryShare, pids } = profileOf(run.vpsId);
  const { memoryBytes } = allowanceAt(run.allowances, atMs) ?? run;
  const warmth = 1 - Math.exp(-(atMs - run.startedAtMs) / 60_000);
  return {
    vpsId: run.vpsId,
    runId: `${run.pid}/${run.startedAtMs}`,
    ...totalsAt(run, atMs),
    memoryBytes: Math.floor(memoryBytes * memoryShare * (0.2 + 0.8 * warmth)),
    pids,
  };
}

function nicSampleOf(name: string, traffic: TrafficCounters): NicSample {
  const { rxBytes, txBytes, rxPackets, txPackets } = traffic;
  return { name, rxBytes, txBytes, rxPackets, txPackets, rxErrors: 0, txErrors: 0, rxDropped: 0, txDropped: 0 };
}

function nicSamples({ world, seed }: SampleFacts, guests: Totals, atMs: number): NicSample[] {
  const { bootAtMs } = world.state;
  const [production, management, ...unplugged] = PORTS;
  return [
    nicSampleOf(production, addTotals(guests, { ...NO_TOTALS, ...trafficBetween(profileOf(seed), bootAtMs, atMs) })),
    nicSampleOf(management, trafficBetween(profileOf(`${seed} management`), bootAtMs, atMs)),
    ...unplugged.map((name) => nicSampleOf(name, NO_TOTALS)),
  ];
}

function cpuCounters(hardware: Hardware, guests: Totals, upMs: number): CpuCounters {
  const upUs = upMs * 1000;
  const userUs = Math.floor(guests.cpuUserUs + upUs * AGENT_CORES);
  const systemUs = Math.floor(guests.cpuSystemUs + upUs * SYSTEM_CORES);
  const softirqUs = Math.floor((guests.rxBytes + guests.txBytes) * SOFTIRQ_US_PER_BYTE);
  const iowaitUs = Math.floor(upUs * 0.01);
  const busyUs = userUs + systemUs + softirqUs + iowaitUs;
  const idleUs = Math.max(0, Math.floor(upUs * hardware.cores) - busyUs);
  return { userUs, niceUs: 0, systemUs, idleUs, iowaitUs, irqUs: 0, softirqUs, stealUs: 0 };
}

export interface SampleFacts {
  world: World;
  seed: string;
  hardware: Hardware;
}

/** @param atMs no earlier than what the world still remembers (its HISTORY_MS). */
export function sampleAt(facts: SampleFacts, atMs: number): NodeSample {
  const { world, hardware } = facts;
  const { bootId, bootAtMs, runs, retired } = world.state;
  const begun = runs.filter((run) => run.startedAtMs <= atMs);
  const guests = begun.map((run) => totalsAt(run, atMs)).reduce(addTotals, retired);
  const running = begun.filter((run) => run.endsAtMs === null || run.endsAtMs > atMs);
  const vps = running.map((run) => vpsSampleOf(run, atMs));
  const usedBytes = vps.reduce((sum, one) => sum + one.memoryBytes, hardware.memoryBytes * 0.04);
  return {
    bootId,
    observedAtMs: atMs,
    monotonicMs: atMs - bootAtMs,
    cores: hardware.cores,
    cpu: cpuCounters(hardware, guests, atMs - bootAtMs),
    memoryTotalBytes: hardware.memoryBytes,
    memoryAvailableBytes: Math.max(0, Math.floor(hardware.memoryBytes - usedBytes)),
    nics: nicSamples(facts, guests, atMs),
    vps,
  };
}
