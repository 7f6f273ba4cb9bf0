import { limitsWith } from "@muster/model/limits/registry";
import { MIB } from "@muster/model/units";
import { expect, it } from "vitest";
import { placementSchema } from "./placement.ts";

const PLACEMENT = {
  vpsId: "v000000000a",
  epoch: 2,
  generation: 3,
  mac: "02:4d:0a:51:00:0a",
  init: "busybox",
  idBase: 65_536,
  phase: "made",
};
const NAMED = { name: "web", template: "busybox", address: "10.81.0.10" };

it("reads the journal of an agent that knew four limits, and gives the others their initial values", () => {
  const old = { ...NAMED, cpuCores: 2, memoryBytes: 64 * MIB, diskBytes: 256 * MIB, pidsMax: 99 };
  expect(placementSchema.parse({ ...PLACEMENT, spec: old }).spec).toEqual({
    ...NAMED,
    limits: limitsWith({ "cpu.cores": 2, "memory.max": 64 * MIB, "disk.max": 256 * MIB, "pids.max": 99 }),
  });
});

it("reads its own", () => {
  const spec = { ...NAMED, limits: limitsWith({ "cpu.pinning": [0, 1], "nic.egress": 1_000_000 }) };
  expect(placementSchema.parse({ ...PLACEMENT, spec }).spec).toEqual(spec);
});
