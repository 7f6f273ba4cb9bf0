import { LIMIT_NAMES, LIMITS, limitsWith } from "@muster/model/limits/registry";
import { GIB, MIB } from "@muster/model/units";
import { describe, expect, test } from "vitest";
import { changeIn, differing, fieldOf } from "./draft.ts";
import { formatLimit } from "./value.ts";

describe("a field", () => {
  test.each([
    ["cpu.cores", 0.5],
    ["cpu.cores", 2],
    ["cpu.weight", null],
    ["cpu.weight", 200],
    ["cpu.pinning", [0, 1, 2, 5]],
    ["cpu.pinning", null],
    ["memory.max", 1536 * MIB],
    ["memory.max", 300 * MIB],
    ["memory.swap", 0],
    ["disk.max", 10 * GIB],
    ["nic.egress", 94_000_000],
    ["nic.egress", 123_000],
    ["io.read.bytes", 1536 * 1024],
    ["io.write.operations", 1_000],
    ["pids.max", 512],
  ] as const)("of %s shows %j so that it reads as the same value again", (name, value) => {
    const shown = typeof value === "object" && value !== null ? [...value] : value;
    expect(changeIn({ [name]: fieldOf(name, shown) })).toEqual({ change: { [name]: shown }, errors: {} });
  });

  test("of every limit shows its initial value", () => {
    for (const name of LIMIT_NAMES) {
      const { change } = changeIn({ [name]: fieldOf(name, LIMITS[name].initial) });
      expect(change).toEqual({ [name]: LIMITS[name].initial });
    }
  });

  test.each([
    ["memory.max", { amount: "", scale: "MiB", open: false }, "Must be given."],
    ["memory.max", { amount: 1, scale: "MiB", open: false }, "Must be at least 16 MiB."],
    ["nic.egress", { amount: 1, scale: "kbit/s", open: false }, "Must be at least 100 kbit/s."],
    ["cpu.pinning", { amount: "3-1", scale: "", open: false }, "Must be a list of CPUs, such as 0-2,5."],
    ["cpu.pinning", { amount: "", scale: "", open: false }, "Must be a list of CPUs, such as 0-2,5."],
  ] as const)("of %s with %j is refused", (name, field, error) => {
    expect(changeIn({ [name]: field })).toEqual({ change: {}, errors: { [name]: error } });
  });
});

test("what is typed back to what holds is no change", () => {
  const limits = limitsWith({ "cpu.pinning": [0, 1] });
  expect(differing({ "cpu.pinning": [0, 1], "cpu.cores": 3 }, limits)).toEqual({ "cpu.cores": 3 });
  expect(differing({ "cpu.weight": null }, limits)).toEqual({});
  expect(differing({ "cpu.pinning": null }, limits)).toEqual({ "cpu.pinning": null });
});

test.each([
  ["cpu.cores", 1, "1 core"],
  ["cpu.cores", 1.5, "1.5 cores"],
  ["cpu.weight", null, "By its cores"],
  ["cpu.pinning", [0, 1, 4], "0-1,4"],
  ["cpu.pinning", null, "All CPUs"],
  ["memory.max", 1280 * MIB, "1.25 GiB"],
  ["memory.max", 1300 * MIB, "1,300 MiB"],
  ["memory.swap", 0, "0 MiB"],
  ["nic.egress", 94_000_000, "94 Mbit/s"],
  ["nic.ingress", null, "No limit"],
  ["io.read.operations", 2_000, "2,000 per second"],
  ["pids.max", 512, "512"],
] as const)("%s of %j reads %j", (name, value, text) => {
  expect(formatLimit(name, typeof value === "object" && value !== null ? [...value] : value)).toBe(text);
});
