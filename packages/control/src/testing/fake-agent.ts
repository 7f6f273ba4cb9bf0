/**
 * An agent of a few maps, for tests of the control plane: it keeps keys, epochs and statusSeq as a real one does and
 * can be made to fail, hang or die. The simulated node (packages/agent-sim) is the real agent over a fake engine;
 * this one is only what the control plane must be shown.
 */
import { setTimeout as delay } from "node:timers/promises";
import { PROTOCOL_VERSION } from "@muster/agent-api/agent";
import type { AgentClient } from "@muster/agent-api/client";
import { macOf } from "@muster/model/address";
import { MusterError } from "@muster/model/errors";
import type { Progress } from "@muster/model/job";
import { LIMIT_NAMES } from "@muster/model/limits/registry";
import type { NodeSample } from "@muster/model/metrics/sample";
import type { NodeInventory, Template } from "@muster/model/node";
import { GIB } from "@muster/model/units";
import type { PlacementState, PlacementStatus, VpsSpec } from "@muster/model/vps";

export const FAKE_TEMPLATE: Template = {
  name: "busybox",
  description: "init, shell and httpd",
  sha256: "0".repeat(64),
  sizeBytes: 1_500_000,
  init: "busybox",
};

export type FakeMethod = "createVps" | "startVps" | "stopVps" | "deleteVps" | "configureVps" | "importTemplate";

export interface FakeAgent extends AgentClient {
  /** Every call that changed something, in order: "createVps v…". */
  calls: string[];
  placements: Map<string, PlacementStatus>;
  specs: Map<string, { spec: VpsSpec; generation: number }>;
  /** What a method does before its work, with the VPS's id or the template's name: throw, or wait until it is aborted. */
  before: Map<FakeMethod, (of: string) => Promise<void> | void>;
  /** What it tells of every call that is under way. */
  progressNow: Progress | null;
  /** How often it was asked for that. */
  progressAsked: number;
  alive: boolean;
  addSample(sample: NodeSample): void;
  report(status: PlacementStatus): void;
}

export function fakeInventory(overrides: Partial<NodeInventory> = {}): NodeInventory {
  return {
    hostname: "fake",
    operatingSystem: "Debian 12",
    kernel: "6.1.0",
    architecture: "x86_64",
    bootId: "boot-1",
    cgroupLayout: "simulated",
    cpu: { model: null, cores: 4, sockets: 1, mhz: null, flags: [] },
    memoryBytes: 4 * 2 ** 30,
    swapBytes: 0,
    disks: [],
    nics: [],
    pool: { kind: "simulated", sizeBytes: 64 * GIB, usedBytes: 0 },
    network: { bridge: "muster0", network: "10.83.0.0/24", gateway: "10.83.0.1" },
    capabilities: [],
    limits: LIMIT_NAMES.map((name) => ({ name, available: true, detail: "The fake agent takes any." })),
    ...overrides,
  };
}

/** As a call over the wire: when it is aborted, its caller does not wait for the node. */
async function unlessAborted(signal: AbortSignal, work: Promise<void> | void): Promise<void> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  aborted.catch(() => {}); // the work may be done first
  const onAbort = () => reject(new MusterError("node_unreachable", "The call was aborted."));
  if (signal.aborted) onAbort();
  signal.addEventListener("abort", onAbort, { once: true });
  await Promise.race([work, aborted]);
}

interface Feed<Item> {
  listeners: Set<(item: Item) => void>;
}

async function* follow<Item>(feed: Feed<Item>, signal: AbortSignal): AsyncGenerator<Item> {
  const waiting: Item[] = [];
  let wake = () => {};
  const listener = (item: Item) => {
    waiting.push(item);
    wake();
  };
  signal.addEventListener("abort", () => wake());
  feed.listeners.add(listener);
  try {
    while (!signal.aborted) {
      const item = waiting.shift();
      if (item !== undefined) yield item;
      else await new Promise<void>((resolve) => (wake = resolve));
    }
  } finally {
    feed.listeners.delete(listener);
  }
}

export function createFakeAgent(options: { nodeId: string; inventory?: NodeInventory }): FakeAgent {
  const inventory = options.inventory ?? fakeInventory();
  const answers = new Map<string, PlacementStatus | undefined>();
  const statuses: Feed<PlacementStatus> = { listeners: new Set() };
  const samples: Feed<NodeSample> = { listeners: new Set() };
  const kept: NodeSample[] = [];

  const reachable = async () => {
    await delay(0);
    if (!agent.alive) throw new MusterError("node_unreachable", "The node does not answer: ECONNREFUSED.");
  };

  const put = (vpsId: string, state: PlacementState, epoch: number): PlacementStatus => {
    const old = agent.placements.get(vpsId);
    const status: PlacementStatus = {
      vpsId,
      statusSeq: (old?.statusSeq ?? 0) + 1,
      epoch,
      appliedGeneration: agent.specs.get(vpsId)?.generation ?? 1,
      state,
      reason: null,
      startedAtMs: state === "running" ? Date.now() : null,
      diskUsedBytes: 0,
      observedAtMs: Date.now(),
    };
    agent.placements.set(vpsId, status);
    agent.report(status);
    return status;
  };

  const keyed = async <Answer extends PlacementStatus | undefined>(
    method: FakeMethod,
    { key, vpsId, signal }: { key: string; vpsId: string; signal: AbortSignal },
    work: () => Answer,
  ): Promise<Answer | PlacementStatus | undefined> => {
    await reachable();
    if (answers.has(key)) return answers.get(key);
    agent.calls.push(`${method} ${vpsId}`);
    await unlessAborted(signal, agent.before.get(method)?.(vpsId));
    await reachable();
    const answer = work();
    answers.set(key, answer);
    return answer;
  };

  const changed = async (
    method: FakeMethod,
    input: { key: string; vpsId: string; epoch: number; signal: AbortSignal },
    state: PlacementState,
  ) => {
    const status = await keyed(method, input, () => {
      if (method !== "createVps" && !agent.placements.has(input.vpsId))
        throw new MusterError("not_found", "The node has no such VPS.");
      return put(input.vpsId, state, input.epoch);
    });
    if (status === undefined) throw new MusterError("internal", "The key was used for another call.");
    return status;
  };

  const notHere = async (): Promise<never> => {
    throw new MusterError("unsupported", "The fake agent has none of it.");
  };

  const agent: FakeAgent = {
    calls: [],
    placements: new Map(),
    specs: new Map(),
    before: new Map(),
    alive: true,
    progressNow: null,
    progressAsked: 0,
    addSample: (sample) => {
      kept.push(sample);
      for (const listener of samples.listeners) listener(sample);
    },
    report: (status) => {
      for (const listener of statuses.listeners) listener(status);
    },
    describe: async () => {
      await reachable();
      const { bootId } = inventory;
      return {
        protocolVersion: PROTOCOL_VERSION,
        agentVersion: "0.1.0",
        nodeId: options.nodeId,
        bootId,
        simulated: true,
      };
    },
    inventory: async () => {
      await reachable();
      return inventory;
    },
    listTemplates: async () => [FAKE_TEMPLATE],
    importTemplate: async ({ name, description, init, sha256 }, signal) => {
      await reachable();
      agent.calls.push(`importTemplate ${name}`);
      await unlessAborted(signal, agent.before.get("importTemplate")?.(name));
      return { name, description, init, sha256, sizeBytes: 1 };
    },
    listVps: async () => {
      await reachable();
      return [...agent.placements.values()];
    },
    createVps: (input, signal) => {
      agent.specs.set(input.vpsId, { spec: input.spec, generation: input.generation });
      return changed("createVps", { ...input, signal }, "stopped");
    },
    startVps: (input, signal) => changed("startVps", { ...input, signal }, "running"),
    stopVps: (input, signal) => changed("stopVps", { ...input, signal }, "stopped"),
    deleteVps: async (input, signal) => {
      await keyed("deleteVps", { ...input, signal }, () => {
        agent.placements.delete(input.vpsId);
        agent.specs.delete(input.vpsId);
        return undefined;
      });
    },
    configureVps: async ({ vpsId, epoch, generation, spec, key }, signal) => {
      const status = await keyed("configureVps", { key, vpsId, signal }, () => {
        const [placement, had] = [agent.placements.get(vpsId), agent.specs.get(vpsId)];
        if (placement === undefined) throw new MusterError("not_found", "The node has no such VPS.");
        if (had !== undefined && had.generation > generation)
          throw new MusterError("state_conflict", "The node has applied a newer generation.");
        agent.specs.set(vpsId, { spec, generation });
        return put(vpsId, placement.state, epoch);
      });
      if (status === undefined) throw new MusterError("internal", "The key was used for another call.");
      return status;
    },
    readLimits: async ({ vpsId }) => {
      await reachable();
      const had = agent.specs.get(vpsId);
      if (had === undefined) throw new MusterError("not_found", "The node has no such VPS.");
      return had.spec.limits;
    },
    progress: async () => {
      agent.progressAsked += 1;
      return agent.progressNow;
    },
    listPlacements: async () => {
      await reachable();
      return [...agent.specs].flatMap(([vpsId, { spec, generation }]) => {
        const status = agent.placements.get(vpsId);
        return status === undefined ? [] : [{ spec, mac: macOf(spec.address), generation, status }];
      });
    },
    exec: async ({ argv }) => {
      await reachable();
      return { exitCode: 0, stdout: argv.join(" "), stderr: "", truncated: false };
    },
    openTerminal: notHere,
    writeTerminal: notHere,
    resizeTerminal: notHere,
    closeTerminal: notHere,
    async *terminalOutput() {
      yield { type: "exit", seq: 1, exitCode: 0 };
    },
    samples: async ({ afterMonotonicMs }) => {
      await reachable();
      return kept.filter((sample) => sample.monotonicMs > afterMonotonicMs);
    },
    watchSamples: (signal) => follow(samples, signal),
    watchVps: (signal) => follow(statuses, signal),
    close: () => {},
  };
  return agent;
}
