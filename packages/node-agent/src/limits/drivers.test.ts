/** The drivers over the files of both layouts. What the kernel makes of them is shown by configure.real.test.ts. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { MusterError } from "@muster/model/errors";
import { type LimitsChange, limitsWith } from "@muster/model/limits/registry";
import { MIB } from "@muster/model/units";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openCgroups } from "../engine/cgroups.ts";
import { hostClock } from "../engine/clock.ts";
import { createMemoryNode, type MemoryNode } from "../trial/memory-node.ts";
import type { LimitPorts } from "./driver.ts";
import { createLimiter, type Limiter } from "./limiter.ts";

const VPS = "v0123456789";
let root = "";
let node: MemoryNode;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "muster-limits-"));
  node = await createMemoryNode();
});
afterEach(async () => {
  await rm(root, { recursive: true });
  await node.clean();
});

async function put(files: Record<string, string>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(join(root, dirname(path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
}

const look = async (path: string) => (await readFile(join(root, path), "utf8")).trim();

function limiterOf(over: (cgroups: LimitPorts["cgroups"]) => Partial<LimitPorts["cgroups"]> = () => ({})): Limiter {
  const { storage, network } = node.machine.engine;
  const cgroups = openCgroups(hostClock, root);
  return createLimiter({ cgroups: { ...cgroups, ...over(cgroups) }, storage, network }, () => 0);
}

/** As the kernel makes the cgroups of a VPS, below a node's own. */
const V1 = {
  "cpuset/cpuset.cpus": "0-3",
  "cpuset/cpuset.mems": "0",
  "cpuset/muster/cpuset.cpus": "0-3",
  "cpuset/muster/cpuset.mems": "0",
  [`cpuset/muster/${VPS}/cpuset.cpus`]: "0-3",
  [`cpuset/muster/${VPS}/inner/cpuset.cpus`]: "0-3",
  "cpu/muster/cpu.cfs_quota_us": "",
  "cpu/muster/cpu.shares": "",
  "memory/muster/memory.limit_in_bytes": "",
  "memory/muster/memory.memsw.limit_in_bytes": "",
  [`memory/muster/${VPS}/memory.usage_in_bytes`]: String(40 * MIB),
  [`memory/muster/${VPS}/memory.stat`]: `total_cache ${20 * MIB}\ntotal_shmem ${4 * MIB}\n`,
  [`cpu/muster/${VPS}/cpu.shares`]: "1024",
  "blkio/muster/blkio.throttle.read_bps_device": "",
  "blkio/muster/blkio.throttle.write_bps_device": "",
  [`blkio/muster/${VPS}/blkio.throttle.read_bps_device`]: "",
  [`blkio/muster/${VPS}/blkio.throttle.write_bps_device`]: "",
  "pids/muster/pids.max": "",
  [`pids/muster/${VPS}/pids.current`]: "20",
};
const V2 = {
  "cgroup.controllers": "cpuset cpu io memory pids",
  "cgroup.subtree_control": "cpu memory pids",
  "muster/cgroup.controllers": "cpu memory pids",
  "muster/cgroup.subtree_control": "cpu memory pids",
  "muster/cpuset.cpus": "",
  "muster/cpuset.cpus.effective": "0-3",
  "muster/cpu.max": "",
  "muster/cpu.weight": "",
  "muster/io.max": "",
  "muster/memory.max": "",
  "muster/pids.max": "",
  "muster/memory.swap.max": "",
  [`muster/${VPS}/cpuset.cpus`]: "",
  [`muster/${VPS}/memory.current`]: String(40 * MIB),
  [`muster/${VPS}/memory.stat`]: `file ${20 * MIB}\nshmem ${4 * MIB}\n`,
  [`muster/${VPS}/pids.current`]: "20",
};

const BEFORE = limitsWith();
async function change(limiter: Limiter, wanted: LimitsChange): Promise<void> {
  await limiter.change({ vpsId: VPS, before: BEFORE, limits: limitsWith(wanted), places: ["cgroup"] });
}

describe("on v1", () => {
  beforeEach(() => put(V1));

  it.each([
    [{ "cpu.cores": 0.5 }, { "cpu/cpu.cfs_quota_us": "50000", "cpu/cpu.shares": "512" }],
    [
      { "cpu.cores": 2, "cpu.weight": 100 },
      { "cpu/cpu.cfs_quota_us": "200000", "cpu/cpu.shares": "1024" },
    ],
    [{ "cpu.weight": 10_000 }, { "cpu/cpu.shares": "102400" }],
    [
      { "memory.max": 64 * MIB },
      { "memory/memory.limit_in_bytes": "67108864", "memory/memory.memsw.limit_in_bytes": "67108864" },
    ],
    [{ "pids.max": 99 }, { "pids/pids.max": "99" }],
    [{ "io.read.bytes": MIB }, { "blkio/blkio.throttle.read_bps_device": "7:0 1048576" }],
  ] satisfies [LimitsChange, Record<string, string>][])("%j", async (wanted, files) => {
    await change(limiterOf(), wanted);
    for (const [file, text] of Object.entries(files)) {
      const [controller = "", name = ""] = file.split("/");
      expect(await look(`${controller}/muster/${VPS}/${name}`)).toBe(text);
    }
  });

  it("pins every cgroup below too, and gives all CPUs back", async () => {
    const limiter = limiterOf();
    await change(limiter, { "cpu.pinning": [1, 3] });
    expect(await look(`cpuset/muster/${VPS}/cpuset.cpus`)).toBe("1,3");
    expect(await look(`cpuset/muster/${VPS}/inner/cpuset.cpus`)).toBe("1,3");
    await limiter.apply({ vpsId: VPS, limits: BEFORE }, ["cgroup"]);
    expect(await look(`cpuset/muster/${VPS}/inner/cpuset.cpus`)).toBe("0-3");
  });

  it("limits memory and swap as before when the kernel refuses less memory", async () => {
    const busy = new MusterError("engine_failed", "", { cause: Object.assign(new Error("busy"), { code: "EBUSY" }) });
    const limiter = limiterOf(({ write }) => ({
      write: async (vpsId, file, value) => {
        if (file.name === "memory.limit_in_bytes" && value === String(64 * MIB)) throw busy;
        await write(vpsId, file, value);
      },
    }));
    await expect(change(limiter, { "memory.max": 64 * MIB })).rejects.toMatchObject({ code: "below_use" });
    const before = String(BEFORE["memory.max"]);
    expect(await look(`memory/muster/${VPS}/memory.limit_in_bytes`)).toBe(before);
    expect(await look(`memory/muster/${VPS}/memory.memsw.limit_in_bytes`)).toBe(before);
  });

  it("reads back what it wrote", async () => {
    const limiter = limiterOf();
    const wanted = limitsWith({ "cpu.cores": 1.5, "cpu.weight": 250, "cpu.pinning": [0], "pids.max": 300 });
    await limiter.apply({ vpsId: VPS, limits: wanted }, ["cgroup"], "born");
    expect(await limiter.read({ vpsId: VPS, limits: wanted }, ["cgroup"])).toMatchObject({
      "cpu.cores": 1.5,
      "cpu.weight": 250,
      "cpu.pinning": [0],
      "memory.max": wanted["memory.max"],
      "memory.swap": 0,
      "pids.max": 300,
      "io.read.bytes": null,
    });
  });
});

describe("on v2", () => {
  beforeEach(() => put(V2));

  it.each([
    [{ "cpu.cores": 0.5 }, { "cpu.max": "50000 100000", "cpu.weight": "50" }],
    [{ "cpu.cores": 200 }, { "cpu.max": "20000000 100000", "cpu.weight": "10000" }],
    [{ "memory.max": 64 * MIB }, { "memory.max": "67108864", "memory.swap.max": "0" }],
    [{ "cpu.pinning": [0, 1, 3] }, { "cpuset.cpus": "0-1,3" }],
    [{ "pids.max": 99 }, { "pids.max": "99" }],
    [{ "io.write.operations": 250 }, { "io.max": "7:0 wiops=250" }],
  ] satisfies [LimitsChange, Record<string, string>][])("%j", async (wanted, files) => {
    await change(limiterOf(), wanted);
    for (const [name, text] of Object.entries(files)) expect(await look(`muster/${VPS}/${name}`)).toBe(text);
  });

  it("pins no cgroup that the guest made below: it holds to those above, and may have no such file", async () => {
    await put({ [`muster/${VPS}/system.slice/cgroup.procs`]: "" });
    await change(limiterOf(), { "cpu.pinning": [1] });
    expect(await look(`muster/${VPS}/cpuset.cpus`)).toBe("1");
    await expect(look(`muster/${VPS}/system.slice/cpuset.cpus`)).rejects.toMatchObject({ code: "ENOENT" });
  });

  it("reads its line of io.max among other devices", async () => {
    await put({
      [`muster/${VPS}/io.max`]:
        "8:0 rbps=99999 wbps=max riops=max wiops=max\n7:0 rbps=max wbps=65536 riops=70 wiops=max\n",
    });
    const limiter = limiterOf();
    await change(limiter, { "pids.max": 99, "memory.max": 64 * MIB, "cpu.cores": 2, "cpu.weight": 7 });
    expect(await limiter.read({ vpsId: VPS, limits: BEFORE }, ["cgroup"])).toMatchObject({
      "io.read.bytes": null,
      "io.write.bytes": 65_536,
      "io.read.operations": 70,
    });
  });
});

/** Memory above memory.max that no swap takes is made room for by ending processes. */
describe("swap on v2", () => {
  const name = (file: string) => `muster/${VPS}/${file}`;
  const wanted: LimitsChange = { "memory.max": 16 * MIB, "memory.swap": 16 * MIB };
  const withSwap = (over: Partial<LimitPorts["cgroups"]> = {}) =>
    limiterOf(() => ({ divided: async () => ({ cpus: [0, 1, 2, 3], swapBytes: 64 * MIB }), ...over }));
  beforeEach(() =>
    put({
      ...V2,
      [name("memory.max")]: "536870912",
      [name("memory.swap.max")]: "0",
      [name("memory.swap.current")]: "0",
    }),
  );

  it("is given before the memory is taken", async () => {
    const written: string[] = [];
    const limiter = limiterOf(({ write }) => ({
      divided: async () => ({ cpus: [0], swapBytes: 64 * MIB }),
      write: async (vpsId, file, value) => {
        written.push(file.name);
        await write(vpsId, file, value);
      },
    }));
    await change(limiter, wanted);
    expect(written.slice(0, 2)).toEqual(["memory.swap.max", "memory.max"]);
    expect(await look(name("memory.swap.max"))).toBe(String(16 * MIB));
  });

  it("is no room where it is used already, or the host has less of it", async () => {
    await put({ [name("memory.swap.current")]: String(12 * MIB) });
    await expect(change(withSwap(), wanted)).rejects.toMatchObject({ code: "below_use" });
    await put({ [name("memory.swap.current")]: "0" });
    const little = withSwap({ divided: async () => ({ cpus: [0, 1, 2, 3], swapBytes: 4 * MIB }) });
    await expect(change(little, wanted)).rejects.toMatchObject({ code: "below_use" });
    expect(await look(name("memory.max"))).toBe("536870912");
  });

  it("does not hide what the guest took since it was looked at first", async () => {
    const limiter = limiterOf(({ write }) => ({
      write: async (vpsId, file, value) => {
        await write(vpsId, file, value);
        if (file.name === "cpu.max") await put({ [name("memory.current")]: String(200 * MIB) });
      },
    }));
    await expect(change(limiter, { "cpu.cores": 2, "memory.max": 64 * MIB })).rejects.toMatchObject({
      code: "below_use",
    });
    expect(await look(name("memory.max"))).not.toBe(String(64 * MIB));
  });
});

describe.each([
  ["v1", V1],
  ["v2", V2],
])("on either (%s)", (_layout, files) => {
  beforeEach(() => put(files));

  it("refuses memory below what is held, which is not its cache, and says how much that is", async () => {
    const refused = { code: "below_use", field: "limits.memory.max", message: expect.stringContaining("holds 24 MiB") };
    await expect(change(limiterOf(), { "memory.max": 20 * MIB })).rejects.toMatchObject(refused);
    await change(limiterOf(), { "memory.max": 32 * MIB });
  });

  it("refuses fewer processes than there are, and a CPU that is not there", async () => {
    await expect(change(limiterOf(), { "pids.max": 16 })).rejects.toMatchObject({ code: "below_use" });
    await expect(change(limiterOf(), { "cpu.pinning": [2, 4] })).rejects.toMatchObject({
      code: "unsupported",
      message: "The node has the CPUs 0-3, and not 4.",
    });
  });
});

it("says what is missing of a limit that a kernel does not have, and refuses only those who ask for it", async () => {
  await put(Object.fromEntries(Object.entries(V1).filter(([path]) => !path.startsWith("blkio/"))));
  const limiter = limiterOf();
  const found = (await limiter.findings()).find(({ name }) => name === "io.read.bytes");
  expect(found).toMatchObject({ available: false, detail: expect.stringContaining("CONFIG_BLK_DEV_THROTTLING") });
  await expect(change(limiter, { "io.read.bytes": MIB })).rejects.toMatchObject({ code: "unsupported" });
  await limiter.apply({ vpsId: VPS, limits: BEFORE }, ["cgroup"]);
});
