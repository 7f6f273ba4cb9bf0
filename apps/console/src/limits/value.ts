/** How the value of a limit is printed and typed, by its unit. Exact: what is set back must read as what was set. */
import { formatCpus } from "@muster/model/limits/cpu-pinning";
import type { LimitUnit, LimitValue } from "@muster/model/limits/limit";
import { LIMITS, type LimitName, type Limits } from "@muster/model/limits/registry";
import { formatBitsPerSecond, formatBytes, GIB, KIB, MIB } from "@muster/model/units";

export interface Scale {
  label: string;
  factor: number;
  /** What an arrow key adds. */
  step: number;
  decimals: number;
}

/** Smallest first. */
const SCALES = {
  cores: [{ label: "cores", factor: 1, step: 0.5, decimals: 2 }],
  weight: [{ label: "", factor: 1, step: 10, decimals: 0 }],
  cpus: [],
  bytes: [
    { label: "MiB", factor: MIB, step: 64, decimals: 2 },
    { label: "GiB", factor: GIB, step: 1, decimals: 3 },
    { label: "TiB", factor: 1024 * GIB, step: 1, decimals: 3 },
  ],
  bitsPerSecond: [
    { label: "kbit/s", factor: 1_000, step: 100, decimals: 0 },
    { label: "Mbit/s", factor: 1_000_000, step: 10, decimals: 3 },
    { label: "Gbit/s", factor: 1_000_000_000, step: 1, decimals: 3 },
  ],
  bytesPerSecond: [
    { label: "KiB/s", factor: KIB, step: 64, decimals: 0 },
    { label: "MiB/s", factor: MIB, step: 10, decimals: 2 },
    { label: "GiB/s", factor: GIB, step: 1, decimals: 3 },
  ],
  operationsPerSecond: [{ label: "per second", factor: 1, step: 100, decimals: 0 }],
  processes: [{ label: "", factor: 1, step: 64, decimals: 0 }],
} as const satisfies Record<LimitUnit, readonly Scale[]>;

/** What stands for null: not every limit that is left open is "no limit". */
const OPEN = {
  cores: "No limit",
  weight: "By its cores",
  cpus: "All CPUs",
  bytes: "No limit",
  bitsPerSecond: "No limit",
  bytesPerSecond: "No limit",
  operationsPerSecond: "No limit",
  processes: "No limit",
} as const satisfies Record<LimitUnit, string>;

const rounded = new Intl.NumberFormat("en-GB", { maximumFractionDigits: 2 });

const AMOUNT = {
  cores: (cores) => `${rounded.format(cores)} ${cores === 1 ? "core" : "cores"}`,
  weight: rounded.format,
  cpus: (cpus) => `${rounded.format(cpus)} ${cpus === 1 ? "CPU" : "CPUs"}`,
  bytes: formatBytes,
  bitsPerSecond: formatBitsPerSecond,
  bytesPerSecond: (bytes) => `${formatBytes(bytes)}/s`,
  operationsPerSecond: (operations) => `${rounded.format(operations)}/s`,
  processes: rounded.format,
} as const satisfies Record<LimitUnit, (amount: number) => string>;

const plain = new Intl.NumberFormat("en-GB", { maximumFractionDigits: 10 });

export function scalesOf(name: LimitName): readonly Scale[] {
  return SCALES[LIMITS[name].unit];
}

export function openText(name: LimitName): string {
  return OPEN[LIMITS[name].unit];
}

/** The largest scale in which the value has at most two decimals, and is not below one. */
export function scaleFor(name: LimitName, value: number): Scale | undefined {
  const scales = scalesOf(name);
  const fits = ({ factor }: Scale) => value >= factor && Number.isInteger((value * 100) / factor);
  return scales.findLast(fits) ?? scales[0];
}

/** "1.5 GiB", "2 cores", "0-2,5", "No limit" */
export function formatLimit(name: LimitName, value: LimitValue): string {
  if (value === null) return openText(name);
  if (typeof value !== "number") return formatCpus(value);
  const scale = scaleFor(name, value);
  if (scale === undefined) return plain.format(value);
  const label = scale.label === "cores" && value === 1 ? "core" : scale.label;
  return `${plain.format(value / scale.factor)} ${label}`.trim();
}

/** Any amount of it, rounded as figures in a chart are. */
export function formatAmount(name: LimitName, amount: number): string {
  return AMOUNT[LIMITS[name].unit](amount);
}

/** In the middle of a sentence. */
export function limitInWords(name: LimitName, value: LimitValue): string {
  const text = formatLimit(name, value);
  return value === null ? `${text.charAt(0).toLowerCase()}${text.slice(1)}` : text;
}

/** What several VPSs have: "512 MiB", "256 MiB to 4 GiB", or that it cannot be put into one line. */
export function spanText(name: LimitName, all: readonly Limits[]): string {
  const values = all.map((limits) => limits[name]);
  const distinct = [...new Set(values.map((value) => limitInWords(name, value)))];
  if (distinct.length <= 2) return distinct.join(" or ");
  const numbers = values.filter((value) => typeof value === "number");
  if (numbers.length < values.length) return `${distinct.length} different values`;
  return `${limitInWords(name, Math.min(...numbers))} to ${limitInWords(name, Math.max(...numbers))}`;
}
