/**
 * What a simulated node's hardware and kernel hold: private areas, runs, the boot. It is on disk, as a real
 * node outlives its agent: an agent that is started again finds its VPSs running, with counters that went on.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { vpsIdSchema } from "@muster/model/ids";
import { templateSchema } from "@muster/model/node";
import { z } from "zod";
import { templateOf } from "./hardware.ts";
import { fractionOf } from "./seed.ts";

const HISTORY_MS = 16 * 60_000;
const LONGEST_UPTIME_MS = 40 * 86_400_000;

const areaSchema = z.object({
  hostname: z.string(),
  templateName: z.string(),
  diskBytes: z.number(),
  memoryBytes: z.number(),
  cpuCores: z.number(),
});

/** One run of a guest. Ended ones are kept while samples may still be asked of their time. */
const runSchema = z.object({
  vpsId: vpsIdSchema,
  pid: z.number().int(),
  startedAtMs: z.number(),
  /** When the guest's init ended or will end; null while nothing ends it. */
  endsAtMs: z.number().nullable(),
  /** Whether what it ran in has been cleared away. */
  cleared: z.boolean(),
  cpuCores: z.number(),
  memoryBytes: z.number(),
});

const totalsSchema = z.object({
  rxBytes: z.number(),
  txBytes: z.number(),
  rxPackets: z.number(),
  txPackets: z.number(),
  cpuUserUs: z.number(),
  cpuSystemUs: z.number(),
});

const worldSchema = z.object({
  bootId: z.string(),
  bootAtMs: z.number(),
  nextPid: z.number().int(),
  areas: z.record(vpsIdSchema, areaSchema),
  runs: z.array(runSchema),
  /** What runs that nobody can ask of any more had counted: the node's own counters go on from there. */
  retired: totalsSchema,
  templates: z.array(templateSchema),
});

export type Run = z.infer<typeof runSchema>;
export type Totals = z.infer<typeof totalsSchema>;
export type WorldState = z.infer<typeof worldSchema>;

export const NO_TOTALS: Totals = {
  rxBytes: 0,
  txBytes: 0,
  rxPackets: 0,
  txPackets: 0,
  cpuUserUs: 0,
  cpuSystemUs: 0,
};

export interface World {
  readonly state: WorldState;
  nowMs(): number;
  /** The run of a VPS that has not been cleared away, ended or not. */
  runOf(vpsId: string): Run | undefined;
  /** Writes what was changed to the disk. */
  save(): void;
  /** Called with the VPS whenever a run of it is cleared away. */
  onCleared(listener: (vpsId: string) => void): void;
  clear(run: Run): void;
}

export interface WorldOptions {
  directory: string;
  seed: string;
  nowMs: () => number;
  totalsOf: (run: Run) => Totals;
}

function freshState(seed: string, nowMs: number): WorldState {
  return {
    bootId: `simulated-${seed}-${Math.floor(nowMs)}`,
    bootAtMs: nowMs - Math.ceil(fractionOf(`${seed} uptime`) * LONGEST_UPTIME_MS),
    nextPid: 1_000,
    areas: {},
    runs: [],
    retired: NO_TOTALS,
    templates: [templateOf("busybox", "busybox"), templateOf("debian-12", "systemd")],
  };
}

export function addTotals(one: Totals, other: Totals): Totals {
  return {
    rxBytes: one.rxBytes + other.rxBytes,
    txBytes: one.txBytes + other.txBytes,
    rxPackets: one.rxPackets + other.rxPackets,
    txPackets: one.txPackets + other.txPackets,
    cpuUserUs: one.cpuUserUs + other.cpuUserUs,
    cpuSystemUs: one.cpuSystemUs + other.cpuSystemUs,
  };
}

export function openWorld({ directory, seed, nowMs, totalsOf }: WorldOptions): World {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const path = join(directory, "world.json");
  const state = existsSync(path)
    ? worldSchema.parse(JSON.parse(readFileSync(path, "utf8")))
    : freshState(seed, nowMs());
  const listeners: ((vpsId: string) => void)[] = [];

  function retire(): void {
    const old = (run: Run) => run.cleared && (run.endsAtMs ?? nowMs()) < nowMs() - HISTORY_MS;
    state.retired = state.runs.filter(old).map(totalsOf).reduce(addTotals, state.retired);
    state.runs = state.runs.filter((run) => !old(run));
  }

  function save(): void {
    retire();
    writeFileSync(`${path}.new`, JSON.stringify(state));
    renameSync(`${path}.new`, path);
  }

  if (!existsSync(path)) save();
  return {
    state,
    nowMs,
    runOf: (vpsId) => state.runs.find((run) => run.vpsId === vpsId && !run.cleared),
    save,
    onCleared: (listener) => listeners.push(listener),
    clear: (run) => {
      run.endsAtMs = Math.min(run.endsAtMs ?? nowMs(), nowMs());
      run.cleared = true;
      save();
      for (const listener of listeners) listener(run.vpsId);
    },
  };
}
