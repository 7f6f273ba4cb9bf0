/** An agent that answers from a table: for tests of the wire, where what the answer says does not matter. */
import { MusterError } from "@muster/model/errors";
import type { NodeSample } from "@muster/model/metrics/sample";
import type { PlacementStatus } from "@muster/model/vps";
import { type Agent, PROTOCOL_VERSION } from "./agent.ts";

export const TEST_NODE_ID = "n0123456789";
export const TEST_VPS_ID = "v0123456789";

export const TEST_STATUS: PlacementStatus = {
  vpsId: TEST_VPS_ID,
  statusSeq: 1,
  epoch: 1,
  appliedGeneration: 1,
  state: "running",
  reason: null,
  startedAtMs: 5,
  diskUsedBytes: null,
  observedAtMs: 7,
};

const unsupported = async (): Promise<never> => {
  throw new MusterError("unsupported", "The test's agent has no such thing.");
};

async function* nothing(): AsyncGenerator<never> {}

export function testSample(monotonicMs: number, vpsCount = 0): NodeSample {
  const traffic = { rxBytes: 123_456_789, txBytes: 987_654_321, rxPackets: 123_456, txPackets: 654_321 };
  const cpu = { userUs: 1, niceUs: 2, systemUs: 3, idleUs: 4, iowaitUs: 5, irqUs: 6, softirqUs: 7, stealUs: 8 };
  return {
    bootId: "b",
    observedAtMs: 1_700_000_000_000 + monotonicMs,
    monotonicMs,
    cores: 2,
    cpu,
    memoryTotalBytes: 24_000_000_000,
    memoryAvailableBytes: 20_000_000_000,
    nics: [{ name: "eth0", ...traffic, rxErrors: 0, txErrors: 0, rxDropped: 0, txDropped: 0 }],
    vps: Array.from({ length: vpsCount }, (_, index) => ({
      vpsId: `v${String(index).padStart(10, "0")}`,
      runId: "1234/5678",
      ...traffic,
      cpuUserUs: 12_345_678,
      cpuSystemUs: 2_345_678,
      memoryBytes: 12_345_678,
      pids: 4,
    })),
  };
}

export function createTestAgent(overrides: Partial<Agent> = {}): Agent {
  return {
    describe: async () => ({
      protocolVersion: PROTOCOL_VERSION,
      agentVersion: "0.1.0",
      nodeId: TEST_NODE_ID,
      bootId: "b",
      simulated: true,
    }),
    inventory: unsupported,
    listTemplates: async () => [],
    importTemplate: unsupported,
    listVps: async () => [TEST_STATUS],
    createVps: unsupported,
    startVps: unsupported,
    stopVps: unsupported,
    configureVps: unsupported,
    readLimits: async () => ({}),
    progress: async () => null,
    listPlacements: async () => [],
    deleteVps: async () => undefined,
    exec: unsupported,
    openTerminal: unsupported,
    writeTerminal: async () => undefined,
    resizeTerminal: async () => undefined,
    closeTerminal: async () => undefined,
    terminalOutput: nothing,
    samples: async () => [],
    watchSamples: nothing,
    watchVps: nothing,
    ...overrides,
  };
}
