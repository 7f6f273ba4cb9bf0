/** Takes one sample of the node and of every VPS that runs on it: a few hundred microseconds, no process spawned. */
import type { NicSample, NodeSample, VpsSample } from "@muster/model/metrics/sample";
import { isVpsInterface } from "../inventory/nics.ts";
import { openCounterFile } from "./counter-file.ts";
import { memoryField, parseCpuTimes, parseInterfaces } from "./proc.ts";
import { type CgroupPlace, openVpsCounters, type VpsCounters } from "./vps-counters.ts";

export interface SampledRun {
  vpsId: string;
  /** Names this run of the VPS: its counters begin at zero. */
  runId: string;
}

export interface NodeSamplerParts {
  bootId: string;
  /** The VPSs that run, as last seen. */
  running: () => readonly SampledRun[];
  cgroupOf: (vpsId: string) => CgroupPlace;
  /** Where proc is mounted; tests give their own. */
  proc?: string;
}

export interface NodeSampler {
  take(): NodeSample;
  close(): void;
}

export function createNodeSampler(parts: NodeSamplerParts): NodeSampler {
  const { proc = "/proc" } = parts;
  const stat = openCounterFile(`${proc}/stat`);
  const meminfo = openCounterFile(`${proc}/meminfo`);
  const netDev = openCounterFile(`${proc}/net/dev`);
  const known = new Map<string, { runId: string; counters: VpsCounters }>();

  const countersOf = ({ vpsId, runId }: SampledRun): VpsCounters => {
    const before = known.get(vpsId);
    if (before?.runId === runId) return before.counters;
    // Restarted: the files that are open belong to a cgroup that is gone.
    before?.counters.close();
    const counters = openVpsCounters(parts.cgroupOf(vpsId));
    known.set(vpsId, { runId, counters });
    return counters;
  };

  const forget = (running: readonly SampledRun[]) => {
    if (known.size <= running.length) return;
    const still = new Set(running.map(({ vpsId }) => vpsId));
    for (const [vpsId, { counters }] of known) {
      if (still.has(vpsId)) continue;
      counters.close();
      known.delete(vpsId);
    }
  };

  return {
    take() {
      const memory = meminfo.read() ?? "";
      const interfaces = parseInterfaces(netDev.read() ?? "");
      const running = parts.running();
      const vps = running.map((run) => vpsSample(run, countersOf(run), interfaces.get(run.vpsId)));
      forget(running);
      return {
        bootId: parts.bootId,
        observedAtMs: Date.now(),
        // CLOCK_MONOTONIC counts from boot, so samples of two lives of the agent compare; performance.now() does not.
        monotonicMs: Number(process.hrtime.bigint() / 1000n) / 1000,
        ...parseCpuTimes(stat.read() ?? ""),
        memoryTotalBytes: memoryField(memory, "MemTotal"),
        memoryAvailableBytes: memoryField(memory, "MemAvailable"),
        nics: [...interfaces.values()].filter(({ name }) => !isVpsInterface(name)),
        vps: vps.filter((sample) => sample !== null),
      };
    },
    close() {
      for (const file of [stat, meminfo, netDev]) file.close();
      for (const { counters } of known.values()) counters.close();
      known.clear();
    },
  };
}

/** The veth's end on the host is named by the VPS. What it sends is what the VPS receives, so the two are turned round. */
function vpsSample(run: SampledRun, counters: VpsCounters, hostEnd: NicSample | undefined): VpsSample | null {
  const usage = counters.read();
  if (usage === null || hostEnd === undefined) return null;
  return {
    vpsId: run.vpsId,
    runId: run.runId,
    ...usage,
    rxBytes: hostEnd.txBytes,
    txBytes: hostEnd.rxBytes,
    rxPackets: hostEnd.txPackets,
    txPackets: hostEnd.rxPackets,
  };
}
