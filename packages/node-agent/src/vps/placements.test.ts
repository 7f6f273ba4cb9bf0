import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CreateVps } from "@muster/agent-api/agent";
import { MusterError } from "@muster/model/errors";
import type { PlacementStatus } from "@muster/model/vps";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ContainerState, Engine } from "../engine/ports.ts";
import { openPlacements, type Placements } from "./placements.ts";

const NETWORK = { network: "10.81.0.0/24", gateway: "10.81.0.1" };
const never = new AbortController().signal;
const placed = (key: string, vpsId = "v000000000a", epoch = 1) => ({ key, vpsId, epoch });

function creation(key: string, vpsId = "v000000000a", lastOctet = 10): CreateVps {
  return {
    ...placed(key, vpsId),
    generation: 1,
    mac: `02:4d:0a:51:00:${lastOctet.toString(16).padStart(2, "0")}`,
    spec: {
      name: "web",
      template: "busybox",
      address: `10.81.0.${lastOctet}`,
      cpuCores: 1,
      memoryBytes: 64 << 20,
      diskBytes: 256 << 20,
      pidsMax: 64,
    },
  };
}

/** A machine in memory that survives its agent, and fails or crashes where it is told to. */
function createMachine() {
  const areas = new Set<string>();
  const containers = new Map<string, ContainerState>();
  const calls: string[] = [];
  const failing = new Set<string>();
  const doing = async (name: string, vpsId: string) => {
    calls.push(`${name} ${vpsId}`);
    if (failing.has(name)) throw new MusterError("engine_failed", `${name} was told to fail.`);
  };
  const engine: Engine = {
    clock: {
      nowMs: () => Date.now(),
      sleep: (_ms, signal) =>
        new Promise((resolve, reject) => {
          const timer = setTimeout(resolve, 1);
          signal?.addEventListener("abort", () => {
            clearTimeout(timer);
            reject(signal.reason);
          });
        }),
    },
    network: { prepare: async () => undefined },
    cgroups: { apply: async () => undefined },
    storage: {
      prepare: async () => undefined,
      createArea: async ({ vpsId }) => {
        areas.add(vpsId);
        await doing("createArea", vpsId);
      },
      mountArea: ({ vpsId }) => doing("mountArea", vpsId),
      removeArea: async (vpsId) => {
        await doing("removeArea", vpsId);
        areas.delete(vpsId);
      },
      findDamage: async (vpsId) => (areas.has(vpsId) ? null : "Its private area is missing."),
      usage: async () => ({ pool: { kind: "simulated", sizeBytes: 1, usedBytes: 0 }, areas: new Map() }),
    },
    containers: {
      start: async ({ vpsId }) => {
        containers.set(vpsId, { state: "half" });
        await doing("start", vpsId);
        const running = { state: "running", pid: 7, startedAtMs: 1000 } as const;
        containers.set(vpsId, running);
        return running;
      },
      askToStop: async ({ vpsId }) => {
        await doing("askToStop", vpsId);
        if (!failing.has("orderly")) containers.set(vpsId, { state: "half" });
      },
      remove: async (vpsId) => {
        await doing("remove", vpsId);
        containers.delete(vpsId);
      },
      inspect: async (vpsId) => containers.get(vpsId) ?? { state: "absent" },
    },
  };
  return { engine, areas, containers, calls, failing };
}

let directory = "";
let machine = createMachine();
let agents: Placements[] = [];

async function boot(): Promise<Placements> {
  const template = { name: "busybox", description: "", sha256: "0".repeat(64), sizeBytes: 1, init: "busybox" } as const;
  const agent = await openPlacements({
    engine: machine.engine,
    templates: { list: async () => [template], import: async () => template },
    journalDir: directory,
    network: NETWORK,
    log: () => undefined,
  });
  agents.push(agent);
  return agent;
}

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "muster-placements-"));
  machine = createMachine();
  agents = [];
});
afterEach(async () => {
  await Promise.all(agents.map((agent) => agent.close()));
  await rm(directory, { recursive: true });
});

describe("a key", () => {
  it("does its work once, however often it comes, also across a restart", async () => {
    const agent = await boot();
    const first = await agent.create(creation("j1:create"), never);
    expect(await agent.create(creation("j1:create"), never)).toEqual(first);
    const next = await boot();
    expect(await next.create(creation("j1:create"), never)).toEqual(first);
    expect(machine.calls.filter((call) => call.startsWith("createArea"))).toHaveLength(1);
  });

  it("joins the work that is under way", async () => {
    const agent = await boot();
    await Promise.all([agent.create(creation("j1:create"), never), agent.create(creation("j1:create"), never)]);
    expect(machine.calls.filter((call) => call.startsWith("createArea"))).toHaveLength(1);
  });

  it("tries again after a failure, on clean ground", async () => {
    const agent = await boot();
    machine.failing.add("createArea");
    await expect(agent.create(creation("j1:create"), never)).rejects.toMatchObject({ code: "engine_failed" });
    expect(machine.areas.size).toBe(0);
    machine.failing.clear();
    expect(await agent.create(creation("j1:create"), never)).toMatchObject({ state: "stopped" });
  });
});

describe("an epoch", () => {
  it("is refused when an older one comes after a newer, also after a restart and after the VPS is gone", async () => {
    const agent = await boot();
    await agent.create(creation("c"), never);
    await agent.start(placed("s", undefined, 3), never);
    await expect(agent.stop({ ...placed("x", undefined, 2), graceMs: 0 }, never)).rejects.toMatchObject({
      code: "epoch_stale",
    });
    await agent.delete(placed("d", undefined, 3), never);
    const next = await boot();
    await expect(next.create(creation("late"), never)).rejects.toMatchObject({ code: "epoch_stale" });
  });
});

describe("a status number", () => {
  it("never falls back: not by a restart, not by deleting and creating anew", async () => {
    const seen: number[] = [];
    const note = ({ statusSeq }: PlacementStatus) => seen.push(statusSeq);
    const agent = await boot();
    note(await agent.create(creation("c1"), never));
    note(await agent.start(placed("s1"), never));
    const next = await boot();
    note(await next.stop({ ...placed("x1"), graceMs: 0 }, never));
    await next.delete(placed("d1"), never);
    note(await next.create(creation("c2"), never));
    const last = await boot();
    note(await last.start(placed("s2"), never));
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
    expect(new Set(seen).size).toBe(seen.length);
  });
});

describe("create", () => {
  it("refuses an address that another VPS of the node has, and one outside the network", async () => {
    const agent = await boot();
    await agent.create(creation("c1"), never);
    await expect(agent.create(creation("c2", "v000000000b"), never)).rejects.toMatchObject({ code: "address_taken" });
    const outside = creation("c3", "v000000000c", 11);
    outside.spec.address = "10.99.0.1";
    await expect(agent.create(outside, never)).rejects.toMatchObject({ code: "address_outside_network" });
  });

  it("lets one of two win that want the same address at once", async () => {
    const agent = await boot();
    const both = [creation("c1", "v000000000a"), creation("c2", "v000000000b")];
    const outcomes = await Promise.allSettled(both.map((input) => agent.create(input, never)));
    expect(outcomes.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
  });

  it("refuses a template that the node does not have", async () => {
    const agent = await boot();
    const input = creation("c1");
    input.spec.template = "nothing";
    await expect(agent.create(input, never)).rejects.toMatchObject({ code: "template_missing", field: "template" });
  });
});

describe("start and stop", () => {
  it("take what is already so for done", async () => {
    const agent = await boot();
    await agent.create(creation("c"), never);
    expect(await agent.stop({ ...placed("x0"), graceMs: 0 }, never)).toMatchObject({ state: "stopped" });
    await agent.start(placed("s1"), never);
    expect(await agent.start(placed("s2"), never)).toMatchObject({ state: "running", startedAtMs: 1000 });
    expect(machine.calls.filter((call) => call.startsWith("start"))).toHaveLength(1);
  });

  it("use force on a guest that does not stop in its grace", async () => {
    const agent = await boot();
    await agent.create(creation("c"), never);
    await agent.start(placed("s"), never);
    machine.failing.add("orderly");
    expect(await agent.stop({ ...placed("x"), graceMs: 30 }, never)).toMatchObject({ state: "stopped" });
    expect(machine.containers.size).toBe(0);
  });

  it("leave nothing of a start that failed", async () => {
    const agent = await boot();
    await agent.create(creation("c"), never);
    machine.failing.add("start");
    await expect(agent.start(placed("s"), never)).rejects.toMatchObject({ code: "engine_failed" });
    expect(machine.containers.size).toBe(0);
  });

  it("do not know a VPS that is not there", async () => {
    const agent = await boot();
    await expect(agent.start(placed("s"), never)).rejects.toMatchObject({ code: "not_found" });
    await expect(agent.mustRun("v000000000a")).rejects.toMatchObject({ code: "not_found" });
    await agent.delete(placed("d"), never);
  });
});

describe("a restart of the agent", () => {
  it("knows its running VPSs again without touching them", async () => {
    const agent = await boot();
    await agent.create(creation("c"), never);
    await agent.start(placed("s"), never);
    machine.calls.length = 0;
    const next = await boot();
    expect(await next.list()).toMatchObject([{ state: "running", startedAtMs: 1000 }]);
    expect(next.running()).toMatchObject([{ pid: 7, plan: { hostname: "web" } }]);
    expect(machine.calls).toEqual([]);
  });

  it("finishes a delete that failed half-way", async () => {
    const agent = await boot();
    await agent.create(creation("c"), never);
    machine.failing.add("removeArea");
    await expect(agent.delete(placed("d"), never)).rejects.toMatchObject({ code: "engine_failed" });
    machine.failing.clear();
    const next = await boot();
    expect(await next.list()).toEqual([]);
    expect(machine.areas.size).toBe(0);
  });

  it("says what is missing of a VPS whose private area is gone", async () => {
    const agent = await boot();
    await agent.create(creation("c"), never);
    machine.areas.clear();
    const next = await boot();
    expect(await next.list()).toMatchObject([{ state: "broken", reason: "Its private area is missing." }]);
    await expect(next.start(placed("s"), never)).rejects.toMatchObject({ code: "engine_failed" });
  });
});

describe("list", () => {
  it("never tells of a VPS what was true before the last that was told", async () => {
    const agent = await boot();
    const stop = new AbortController();
    const told: PlacementStatus[] = [];
    const following = (async () => {
      for await (const status of agent.watch(stop.signal)) told.push(status);
    })();
    const looking = (async () => {
      while (!stop.signal.aborted) {
        await agent.list();
        await new Promise((resolve) => setTimeout(resolve));
      }
    })();
    for (let round = 0; round < 20; round += 1) {
      await agent.create(creation(`c${round}`), never);
      await agent.start(placed(`s${round}`), never);
      expect((await agent.list())[0]).toMatchObject({ state: "running" });
      await agent.stop({ ...placed(`x${round}`), graceMs: 1 }, never);
      expect((await agent.list())[0]).toMatchObject({ state: "stopped" });
      await agent.delete(placed(`d${round}`), never);
      expect(await agent.list()).toEqual([]);
    }
    stop.abort();
    await Promise.all([following, looking]);
    const states = told.map(({ state }) => state).filter((state) => state === "running" || state === "stopped");
    expect(states.filter((state) => state === "running")).toHaveLength(20);
    expect(told.map(({ statusSeq }) => statusSeq)).toEqual(
      told.map(({ statusSeq }) => statusSeq).sort((a, b) => a - b),
    );
  });
});

describe("a failure of the host", () => {
  it("is disk_full when its own disk is", async () => {
    const agent = await boot();
    machine.engine.storage.createArea = async () => {
      throw Object.assign(new Error("ENOSPC: no space left on device"), { code: "ENOSPC" });
    };
    await expect(agent.create(creation("c"), never)).rejects.toMatchObject({ code: "disk_full" });
    expect(await agent.list()).toEqual([]);
  });

  it("is deadline_exceeded when the caller gave up", async () => {
    const agent = await boot();
    await agent.create(creation("c"), never);
    await agent.start(placed("s"), never);
    machine.failing.add("orderly");
    const patience = AbortSignal.timeout(20);
    await expect(agent.stop({ ...placed("x"), graceMs: 60_000 }, patience)).rejects.toMatchObject({
      code: "deadline_exceeded",
    });
  });
});

describe("watch", () => {
  it("tells of a guest that ended by itself, and clears it away", async () => {
    const agent = await boot();
    await agent.create(creation("c"), never);
    await agent.start(placed("s"), never);
    const stop = new AbortController();
    const changes = agent.watch(stop.signal)[Symbol.asyncIterator]();
    machine.containers.set("v000000000a", { state: "half" });
    expect((await changes.next()).value).toMatchObject({ vpsId: "v000000000a", state: "stopped" });
    expect(machine.containers.size).toBe(0);
    stop.abort();
    expect(await changes.next()).toMatchObject({ done: true });
  });
});
