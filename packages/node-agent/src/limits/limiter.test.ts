import { MusterError } from "@muster/model/errors";
import { type LimitName, limitsWith } from "@muster/model/limits/registry";
import { MIB } from "@muster/model/units";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createMemoryNode, type MemoryNode } from "../trial/memory-node.ts";
import type { LimitPorts } from "./driver.ts";
import { ALL_PLACES, createLimiter } from "./limiter.ts";

const VPS = "v000000000a";
const BEFORE = limitsWith();
let node: MemoryNode;
let areaBytes: number;
let rates: Map<string, number | null>;
/** Every write in its order: "pids.max 99". */
let written: string[];
/** Those that the machine refuses. */
let refused: Set<string>;

beforeEach(async () => {
  node = await createMemoryNode();
  areaBytes = BEFORE["disk.max"];
  rates = new Map();
  written = [];
  refused = new Set();
});
afterEach(() => node.clean());

function ports(): LimitPorts {
  const { cgroups, storage, network } = node.machine.engine;
  const note = async (name: string, value: unknown) => {
    written.push(`${name} ${value}`);
    if (refused.has(`${name} ${value}`)) throw new MusterError("engine_failed", `${name} was told to fail.`);
  };
  return {
    cgroups: {
      ...cgroups,
      write: async (vpsId, file, value) => {
        await note(file.name, value);
        await cgroups.write(vpsId, file, value);
      },
    },
    storage: {
      ...storage,
      setAreaLimit: async (_vpsId, bytes) => {
        await note("area", bytes);
        areaBytes = bytes;
      },
      readAreaLimit: async () => areaBytes,
    },
    network: {
      ...network,
      setRate: async (_vpsId, direction, rate) => {
        await note(direction, rate);
        rates.set(direction, rate);
      },
      readRate: async (_vpsId, direction) => rates.get(direction) ?? null,
    },
  };
}

const limiterOf = () => createLimiter(ports(), () => 0);

describe("a change", () => {
  it("writes what differs and what follows from it, in the registry's order, and nothing else", async () => {
    const limits = limitsWith({ "pids.max": 99, "cpu.cores": 2, "nic.egress": 1_000_000 });
    await limiterOf().change({ vpsId: VPS, before: BEFORE, limits, places: ALL_PLACES });
    expect(written).toEqual(["cpu.max 200000 100000", "cpu.weight 200", "egress 1000000", "pids.max 99"]);
  });

  it("is refused on a stopped VPS too, for a CPU that is not there", async () => {
    const change = limiterOf().change({
      vpsId: VPS,
      before: BEFORE,
      limits: limitsWith({ "cpu.pinning": [7] }),
      places: ["area"],
    });
    await expect(change).rejects.toMatchObject({ code: "unsupported", field: "limits.cpu.pinning" });
  });

  it("of a stopped VPS writes its disk alone", async () => {
    const limits = limitsWith({ "pids.max": 99, "disk.max": 512 * MIB });
    await limiterOf().change({ vpsId: VPS, before: BEFORE, limits, places: ["area"] });
    expect(written).toEqual([`area ${512 * MIB}`]);
  });

  it("that fails on its way puts back all that it had written, what failed included, and says why it failed", async () => {
    refused.add("egress 1000000");
    const limits = limitsWith({ "pids.max": 99, "disk.max": 512 * MIB, "cpu.cores": 2, "nic.egress": 1_000_000 });
    const change = limiterOf().change({ vpsId: VPS, before: BEFORE, limits, places: ALL_PLACES });
    await expect(change).rejects.toMatchObject({ message: "egress was told to fail." });
    expect(written.slice(4)).toEqual([
      "cpu.max 100000 100000",
      "cpu.weight 100",
      `area ${BEFORE["disk.max"]}`,
      "egress null",
    ]);
  });

  it("that can be neither made nor taken back says so, and loses neither cause", async () => {
    refused.add("pids.max 99").add("cpu.weight 100");
    const limits = limitsWith({ "pids.max": 99, "cpu.cores": 2 });
    const change = limiterOf().change({ vpsId: VPS, before: BEFORE, limits, places: ALL_PLACES });
    const error: unknown = await change.catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "engine_failed", message: expect.stringContaining("put back") });
    expect(error).toMatchObject({
      cause: { errors: [{ message: "pids.max was told to fail." }, { message: "cpu.weight was told to fail." }] },
    });
    expect(written.at(-1)).toBe(`pids.max ${BEFORE["pids.max"]}`);
  });

  it("that fails leaves the guest the memory that it took meanwhile, and puts back the rest", async () => {
    const { write } = node.machine.engine.cgroups;
    const limits = limitsWith({ "memory.max": 1024 * MIB, "cpu.cores": 2, "pids.max": 99 });
    const taking = ports();
    const { cgroups } = taking;
    taking.cgroups = {
      ...cgroups,
      write: async (vpsId, file, value) => {
        await cgroups.write(vpsId, file, value);
        if (value !== "99") return;
        await write(VPS, { controller: "memory", name: "memory.current" }, String(BEFORE["memory.max"] + MIB));
        throw new MusterError("engine_failed", "pids.max was told to fail.");
      },
    };
    const change = createLimiter(taking, () => 0).change({ vpsId: VPS, before: BEFORE, limits, places: ALL_PLACES });
    const causes = [{ message: "pids.max was told to fail." }, { code: "below_use" }];
    await expect(change).rejects.toMatchObject({ code: "engine_failed", cause: { errors: causes } });
    expect(written.filter((line) => line.startsWith("memory.max"))).toEqual([`memory.max ${1024 * MIB}`]);
    expect(written.at(-1)).toBe(`pids.max ${BEFORE["pids.max"]}`);
  });

  it("that the kernel took and did not keep is no success: all is put back, and the figures are told", async () => {
    const deaf = ports();
    const { cgroups } = deaf;
    deaf.cgroups = {
      ...cgroups,
      write: async (vpsId, file, value) => {
        if (value === "99") written.push("pids.max 99, unheard");
        else await cgroups.write(vpsId, file, value);
      },
    };
    await deaf.cgroups.write(VPS, { controller: "pids", name: "pids.max" }, String(BEFORE["pids.max"]));
    const limits = limitsWith({ "pids.max": 99, "cpu.cores": 2 });
    const change = createLimiter(deaf, () => 0).change({ vpsId: VPS, before: BEFORE, limits, places: ALL_PLACES });
    const says = `Processes: the kernel holds ${BEFORE["pids.max"]} after 99 was written.`;
    await expect(change).rejects.toMatchObject({ code: "engine_failed", message: says, field: "limits.pids.max" });
    expect(written.slice(-3)).toEqual(["cpu.max 100000 100000", "cpu.weight 100", `pids.max ${BEFORE["pids.max"]}`]);
  });

  it("that is refused for one of its limits writes nothing", async () => {
    const limits = limitsWith({ "cpu.cores": 2, "cpu.pinning": [7] });
    const change = limiterOf().change({ vpsId: VPS, before: BEFORE, limits, places: ALL_PLACES });
    await expect(change).rejects.toMatchObject({ code: "unsupported", field: "limits.cpu.pinning" });
    expect(written).toEqual([]);
  });
});

describe("what a crash left", () => {
  it("is put back but for the limit that fails, which is told", async () => {
    refused.add(`memory.max ${BEFORE["memory.max"]}`);
    const restored = limiterOf().restore({ vpsId: VPS, limits: BEFORE }, ALL_PLACES);
    await expect(restored).rejects.toMatchObject({ cause: { errors: [{ message: "memory.max was told to fail." }] } });
    expect(written).toContain(`area ${BEFORE["disk.max"]}`);
    expect(written.at(-1)).toBe(`pids.max ${BEFORE["pids.max"]}`);
  });

  it("is not put back at the price of the guest's processes: memory that it holds by now stays its own", async () => {
    const { write } = node.machine.engine.cgroups;
    await write(VPS, { controller: "memory", name: "memory.current" }, String(BEFORE["memory.max"] + MIB));
    const restored = limiterOf().restore({ vpsId: VPS, limits: BEFORE }, ALL_PLACES);
    await expect(restored).rejects.toMatchObject({ cause: { errors: [{ code: "below_use" }] } });
    expect(written.filter((line) => line.startsWith("memory.max"))).toEqual([]);
    expect(written).toContain(`pids.max ${BEFORE["pids.max"]}`);
  });
});

describe("the findings", () => {
  it("name every limit once; a probe that fails is a limit that cannot be held, with the reason", async () => {
    const broken = { ...ports().network, findRate: () => Promise.reject(new Error("tc is not itself today")) };
    const findings = await createLimiter({ ...ports(), network: broken }, () => 0).findings();
    const missing = findings.filter(({ available }) => !available).map(({ name }): LimitName => name);
    expect(findings).toHaveLength(Object.keys(BEFORE).length);
    expect(missing).toEqual(["memory.swap", "nic.egress", "nic.ingress"]);
    expect(findings.find(({ name }) => name === "nic.egress")?.detail).toContain("tc is not itself today");
  });

  it("are looked for again when they are old", async () => {
    let nowMs = 0;
    let asked = 0;
    const counting = async () => {
      asked += 1;
      return { available: true, detail: "" };
    };
    const limiter = createLimiter({ ...ports(), network: { ...ports().network, findRate: counting } }, () => nowMs);
    await limiter.findings();
    await limiter.findings();
    expect(asked).toBe(2);
    nowMs = 3_600_000;
    await limiter.findings();
    expect(asked).toBe(4);
  });
});
