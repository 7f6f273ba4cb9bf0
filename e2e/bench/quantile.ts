/** Nearest-rank quantile (NIST handbook 1.3.5.6 names the choices); `of([3,1,2], 0.5)` is 2. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const rank = Math.max(0, Math.ceil(q * sorted.length) - 1);
  return sorted[rank] ?? Number.NaN;
}

export const rounded = (value: number): number => Math.round(value * 10) / 10;
