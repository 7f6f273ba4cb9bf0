/** Counters of the whole node out of /proc (man 5 proc_stat, proc_meminfo, proc_net). */
import type { CpuCounters, NicSample } from "@muster/model/metrics/sample";

/** USER_HZ is 100 on every architecture that Linux tells user space about. */
const TICK_US = 10_000;

export interface CpuTimes {
  cores: number;
  cpu: CpuCounters;
}

/** The first line sums all CPUs; a line `cpuN` follows for each that is online. */
export function parseCpuTimes(stat: string): CpuTimes {
  const ticks = stat.slice(4, stat.indexOf("\n")).trim().split(" ").map(Number);
  const us = (index: number) => (ticks[index] ?? 0) * TICK_US;
  let cores = 0;
  for (let at = stat.indexOf("\ncpu"); at !== -1; at = stat.indexOf("\ncpu", at + 1)) cores += 1;
  return {
    cores: Math.max(1, cores),
    cpu: {
      userUs: us(0),
      niceUs: us(1),
      systemUs: us(2),
      idleUs: us(3),
      iowaitUs: us(4),
      irqUs: us(5),
      softirqUs: us(6),
      stealUs: us(7),
    },
  };
}

/** A field such as `MemAvailable:   123 kB`, in bytes. */
export function memoryField(meminfo: string, field: string): number {
  const at = meminfo.indexOf(`${field}:`);
  return at === -1 ? 0 : Number.parseInt(meminfo.slice(at + field.length + 1), 10) * 1024;
}

/** Every interface by name. Columns as `/proc/net/dev` heads them: eight of what came in, eight of what went out. */
export function parseInterfaces(netDev: string): Map<string, NicSample> {
  const found = new Map<string, NicSample>();
  for (const line of netDev.split("\n").slice(2)) {
    const colon = line.lastIndexOf(":");
    if (colon === -1) continue;
    const name = line.slice(0, colon).trim();
    const columns = line
      .slice(colon + 1)
      .trim()
      .split(/ +/)
      .map(Number);
    const column = (index: number) => columns[index] ?? 0;
    found.set(name, {
      name,
      rxBytes: column(0),
      rxPackets: column(1),
      rxErrors: column(2),
      rxDropped: column(3),
      txBytes: column(8),
      txPackets: column(9),
      txErrors: column(10),
      txDropped: column(11),
    });
  }
  return found;
}
