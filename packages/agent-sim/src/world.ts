/**
 * What a simulated node's hardware and kernel hold: private areas, runs, the boot. It is on disk, as a real
 * node outlives its agent: an agent that is started again finds its VPSs running, with counters that went on.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { vpsIdSchema } from "@muster/model/ids";
import { templateSchema } from "@muster/model/node";
import { z } from "zod";
import { type Allowance, allowanceSchema, MOST_KEPT, sameAllowance, type Used } from "./allowance.ts";
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
  /** Its limit, where that has been changed since it was made; what it uses follows from the first one. */
  limitBytes: z.number().optional(),
  /** What commands have written to it, on top of what it uses by itself. */
  writtenBytes: z.number().default(0),
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
  /** As they followed each other; a world of before had only what stands above. */
  allowances: z.array(allowanceSchema).default([]),
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
  /** Files of cgroups by their names, and the rates of links: of VPSs that run. */
  cgroups: z.record(vpsIdSchema, z.record(z.string(), z.string())).default({}),
  rates: z.record(vpsIdSchema, z.object({ egress: z.number().nullable(), ingress: z.number().nullable() })).default({}),
});

export type Area = z.infer<typeof areaSchema>;
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
  /** Of a VPS that has an area; empty where there is none. */
  hostnameOf(vpsId: string): string;
  /** What runs now goes on under the limits as they have just been written. */
  allow(vpsId: string): void;
}

export interface WorldOptions {
  directory: string;
  seed: string;
  nowMs: () => number;
  totalsOf: (run: Run) => Totals;
  usedOf: (run: Run) => Used;
}

function freshState(seed: string, nowMs: number): WorldState {
  return {
    bootId: `simulated-${seed}-${Math.floor(nowMs)}`,
    bootAtMs: nowMs - Math.ceil(fractionOf(`${seed} uptime`) * LONGEST_UPTIME_MS),
    nextPid: 1_000,
    areas: {},
    runs: [],
    retired: NO_TOTALS,
    cgroups: {},
    rates: {},
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

/** What the files and rates of a run say; a file that nobody has written leaves it as it was started. */
function allowanceOf(state: WorldState, run: Run): Omit<Allowance, "fromMs" | "before"> {
  const files = state.cgroups[run.vpsId] ?? {};
  const [quotaUs, periodUs] = (files["cpu.max"] ?? "max").split(" ");
  const memory = files["memory.max"] ?? "max";
  return {
    cpuCores: quotaUs === "max" ? run.cpuCores : Number(quotaUs) / Number(periodUs),
    memoryBytes: memory === "max" ? run.memoryBytes : Number(memory),
    ...(state.rates[run.vpsId] ?? { egress: null, ingress: null }),
  };
}

/** Null before its first has been written to the end. One that was killed between the two files has its only copy in the fresh one. */
function stateIn(path: string, fresh: string): WorldState | null {
  if (!existsSync(path)) {
    if (!existsSync(fresh) || !readFileSync(fresh, "utf8").endsWith("\n")) return null;
    renameSync(fresh, path);
  }
  return worldSchema.parse(JSON.parse(readFileSync(path, "utf8")));
}

export function openWorld({ directory, seed, nowMs, totalsOf, usedOf }: WorldOptions): World {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const path = join(directory, "world.json");
  const fresh = `${path}.new`;
  const state = stateIn(path, fresh) ?? freshState(seed, nowMs());
  const listeners: ((vpsId: string) => void)[] = [];

  function retire(): void {
    const old = (run: Run) => run.cleared && (run.endsAtMs ?? nowMs()) < nowMs() - HISTORY_MS;
    state.retired = state.runs.filter(old).map(totalsOf).reduce(addTotals, state.retired);
    state.runs = state.runs.filter((run) => !old(run));
  }

  /** The old one goes first: ext4 has the disk write a file out that is renamed over another (man 5 ext4, auto_da_alloc). */
  function save(): void {
    retire();
    writeFileSync(fresh, `${JSON.stringify(state)}\n`);
    rmSync(path, { force: true });
    renameSync(fresh, path);
  }

  function allow(vpsId: string): void {
    const run = state.runs.find((one) => one.vpsId === vpsId && !one.cleared);
    if (run === undefined) return;
    const next = { ...allowanceOf(state, run), fromMs: nowMs(), before: usedOf(run) };
    const last = run.allowances.at(-1);
    if (last !== undefined && sameAllowance(last, next)) return;
    run.allowances = [...run.allowances, next].slice(-MOST_KEPT);
  }

  if (!existsSync(path)) save();
  return {
    state,
    nowMs,
    runOf: (vpsId) => state.runs.find((run) => run.vpsId === vpsId && !run.cleared),
    save,
    hostnameOf: (vpsId) => state.areas[vpsId]?.hostname ?? "",
    allow,
    onCleared: (listener) => listeners.push(listener),
    clear: (run) => {
      run.endsAtMs = Math.min(run.endsAtMs ?? nowMs(), nowMs());
      run.cleared = true;
      delete state.cgroups[run.vpsId];
      delete state.rates[run.vpsId];
      save();
      for (const listener of listeners) listener(run.vpsId);
    },
  };
}
