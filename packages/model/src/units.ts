/** The one place that prints units. Bytes are powers of 1,024 (IEC 80000-13), bits per second powers of 1,000. */

export const KIB = 1024;
export const MIB = 1024 * KIB;
export const GIB = 1024 * MIB;

const BYTE_STEPS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"] as const;
const BIT_RATE_STEPS = ["bit/s", "kbit/s", "Mbit/s", "Gbit/s", "Tbit/s"] as const;

function scaled(value: number, base: number, steps: readonly string[]): string {
  let rest = Math.abs(value);
  let step = 0;
  while (rest >= base && step < steps.length - 1) {
    rest /= base;
    step += 1;
  }
  // Rounding may carry into the next step: 1023.99 KiB reads "1.0 MiB", not "1024 KiB".
  if (step < steps.length - 1 && Number(rest.toFixed(rest < 10 ? 1 : 0)) >= base) {
    rest /= base;
    step += 1;
  }
  // 9.97 rounds to two digits before the point, which need none after it.
  const digits = step > 0 && rest < 9.95 && !Number.isInteger(rest) ? 1 : 0;
  return `${value < 0 ? "-" : ""}${rest.toFixed(digits)} ${steps[step]}`;
}

/** 1536 -> "1.5 KiB" */
export function formatBytes(bytes: number): string {
  return scaled(bytes, 1024, BYTE_STEPS);
}

/** 94_000_000 -> "94 Mbit/s" */
export function formatBitsPerSecond(bitsPerSecond: number): string {
  return scaled(bitsPerSecond, 1000, BIT_RATE_STEPS);
}

/** 0.4213 cores -> "42.1 %" of one core */
export function formatPercent(fraction: number): string {
  return `${(fraction * 100).toFixed(fraction < 0.1 ? 2 : 1)} %`;
}

/** 93_000 -> "1 min 33 s"; 412 -> "412 ms" */
export function formatDuration(ms: number): string {
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  if (ms < 9_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours} h ${minutes % 60} min`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}
