/** The simulated engine: the ports of a node's engine over a world that is only told. */
import { MusterError } from "@muster/model/errors";
import type { ContainerState, Containers, Engine, Storage, VpsPlan } from "@muster/node-agent/engine/ports";
import { limitOf, usedOf } from "./area.ts";
import { createCgroups, createNetwork } from "./cgroups.ts";
import { failOnOrder, lifetimeOf, orderedMs } from "./failures.ts";
import type { Hardware } from "./hardware.ts";
import { type Machine, TAKES_MS } from "./machine.ts";
import type { Run, World } from "./world.ts";

function stateOf(run: Run | undefined, nowMs: number): ContainerState {
  if (run === undefined) return { state: "absent" };
  if (run.endsAtMs !== null && run.endsAtMs <= nowMs) return { state: "half" };
  return { state: "running", pid: run.pid, startedAtMs: run.startedAtMs };
}

function createContainers(world: World, machine: Machine): Containers {
  const inspect = (vpsId: string) => stateOf(world.runOf(vpsId), world.nowMs());

  function begin({ vpsId, hostname, limits }: VpsPlan): Run {
    const startedAtMs = Math.floor(world.nowMs());
    const lifetimeMs = lifetimeOf(hostname);
    const run: Run = {
      vpsId,
      pid: world.state.nextPid,
      startedAtMs,
      endsAtMs: lifetimeMs === null ? null : startedAtMs + lifetimeMs,
      cleared: false,
      cpuCores: limits["cpu.cores"],
      memoryBytes: limits["memory.max"],
      allowances: [],
    };
    world.state.nextPid += 1;
    world.state.runs.push(run);
    world.allow(vpsId);
    world.save();
    return run;
  }

  return {
    start: async (plan, signal) => {
      await machine.work(TAKES_MS.start, signal, orderedMs(plan.hostname, "start"));
      failOnOrder(plan.hostname, "start");
      const run = begin(plan);
      return { state: "running", pid: run.pid, startedAtMs: run.startedAtMs };
    },
    askToStop: async ({ vpsId, hostname }) => {
      await machine.work(1);
      failOnOrder(hostname, "stop");
      const run = world.runOf(vpsId);
      if (run !== undefined) run.endsAtMs = world.nowMs() + (orderedMs(hostname, "stop") ?? TAKES_MS.end);
      world.save();
    },
    rename: async ({ vpsId, hostname }) => {
      await machine.work(1);
      const area = world.state.areas[vpsId];
      if (area === undefined || area.hostname === hostname) return;
      failOnOrder(area.hostname, "limits");
      area.hostname = hostname;
      world.save();
    },
    remove: async (vpsId) => {
      const run = world.runOf(vpsId);
      await machine.work(run === undefined ? 1 : TAKES_MS.remove);
      if (run !== undefined) world.clear(run);
    },
    inspect: async (vpsId) => {
      await machine.work(0);
      return inspect(vpsId);
    },
  };
}

function createStorage(world: World, machine: Machine, { poolBytes }: Hardware): Storage {
  const all = () => Object.entries(world.state.areas);
  const promisedBytes = () => all().reduce((sum, [, area]) => sum + limitOf(area), 0);
  function refuseTooMuch(bytes: number): void {
    if (promisedBytes() + bytes <= poolBytes) return;
    throw new MusterError("pool_full", "The simulated storage pool has no room for it.", { field: "limits.disk.max" });
  }

  return {
    prepare: () => machine.work(0),
    createArea: async ({ vpsId, hostname, templateName, limits }, signal) => {
      await machine.work(TAKES_MS.create, signal, orderedMs(hostname, "create"));
      failOnOrder(hostname, "create");
      const { "disk.max": diskBytes, "memory.max": memoryBytes, "cpu.cores": cpuCores } = limits;
      const there = world.state.areas[vpsId];
      refuseTooMuch(diskBytes - (there === undefined ? 0 : limitOf(there)));
      world.state.areas[vpsId] = { hostname, templateName, diskBytes, memoryBytes, cpuCores, writtenBytes: 0 };
      world.save();
    },
    mountArea: () => machine.work(0),
    mustHaveRoom: async (bytes) => refuseTooMuch(bytes),
    setAreaLimit: async (vpsId, bytes) => {
      await machine.work(0);
      const area = world.state.areas[vpsId];
      if (area === undefined || limitOf(area) === bytes) return;
      failOnOrder(area.hostname, "limits");
      area.limitBytes = bytes;
      world.save();
    },
    readAreaLimit: async (vpsId) => {
      const area = world.state.areas[vpsId];
      return area === undefined ? 0 : limitOf(area);
    },
    areaUsed: async (vpsId) => {
      const area = world.state.areas[vpsId];
      return area === undefined ? 0 : usedOf(vpsId, area);
    },
    blockDevice: async () => "8:0",
    removeArea: async (vpsId) => {
      const area = world.state.areas[vpsId];
      await machine.work(area === undefined ? 1 : TAKES_MS.delete);
      if (area === undefined) return;
      failOnOrder(area.hostname, "delete");
      delete world.state.areas[vpsId];
      world.save();
    },
    findDamage: async (vpsId) => {
      await machine.work(0);
      return world.state.areas[vpsId] === undefined ? "its private area is missing" : null;
    },
    usage: async () => {
      await machine.work(0);
      const areas = new Map(all().map(([vpsId, area]) => [vpsId, usedOf(vpsId, area)]));
      const used = [...areas.values()].reduce((sum, bytes) => sum + bytes, 0);
      return { pool: { kind: "simulated", sizeBytes: poolBytes, usedBytes: used }, areas };
    },
  };
}

export function createEngine(world: World, machine: Machine, hardware: Hardware): Engine {
  const facts = { world, machine, hardware };
  return {
    containers: createContainers(world, machine),
    storage: createStorage(world, machine, hardware),
    network: createNetwork(facts),
    cgroups: createCgroups(facts),
    clock: machine.clock,
  };
}
