import fc from "fast-check";
import { expect, test } from "vitest";
import { formatBitsPerSecond, formatBytes, formatDuration, formatPercent, GIB, KIB, MIB } from "./units.ts";

test.each([
  [0, "0 B"],
  [1, "1 B"],
  [1023, "1023 B"],
  [1024, "1 KiB"],
  [1536, "1.5 KiB"],
  [10 * KIB, "10 KiB"],
  [9.97 * KIB, "10 KiB"],
  [MIB - 1, "1.0 MiB"],
  [512 * MIB, "512 MiB"],
  [1.25 * GIB, "1.3 GiB"],
  [-1536, "-1.5 KiB"],
  [2 ** 63, "8192 PiB"],
])("%d bytes read %s", (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});

test.each([
  [0, "0 bit/s"],
  [999, "999 bit/s"],
  [1_000, "1 kbit/s"],
  [94_000_000, "94 Mbit/s"],
  [999_999, "1.0 Mbit/s"],
  [2_500_000_000, "2.5 Gbit/s"],
])("%d bits per second read %s", (bits, text) => {
  expect(formatBitsPerSecond(bits)).toBe(text);
});

test.each([
  [0.4213, "42.1 %"],
  [0.0042, "0.42 %"],
  [0, "0.00 %"],
  [1.5, "150.0 %"],
])("a fraction of %d reads %s", (fraction, text) => {
  expect(formatPercent(fraction)).toBe(text);
});

test.each([
  [0, "0 ms"],
  [412, "412 ms"],
  [999.7, "1.0 s"],
  [1_000, "1.0 s"],
  [9_960, "10 s"],
  [59_999, "1 min 0 s"],
  [93_000, "1 min 33 s"],
  [3_599_900, "1 h 0 min"],
  [86_400_000, "1 d 0 h"],
])("%d ms read %s", (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
});

const MULTIPLES: Record<string, number> = { B: 1, KiB: KIB, MiB: MIB, GiB: GIB, TiB: 1024 * GIB, PiB: MIB * GIB };

test("a printed number of bytes is within 6 % of the number, and never 1,024 of a smaller unit", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2 ** 53 }), (bytes) => {
      const [figure = "", unit = ""] = formatBytes(bytes).split(" ");
      const read = Number(figure) * (MULTIPLES[unit] ?? Number.NaN);
      expect(Math.abs(read - bytes) / bytes).toBeLessThanOrEqual(0.06);
      expect(Number(figure)).toBeLessThan(1024);
    }),
  );
});
