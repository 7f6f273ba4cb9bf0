/** The simulated node sits the exam of all agents, with the latencies of a real one. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CONFORMANCE } from "@muster/agent-api/conformance";
import type { Examinee, ImportSource } from "@muster/agent-api/conformance/examinee";
import { limitsWith } from "@muster/model/limits/registry";
import { MIB } from "@muster/model/units";
import { afterAll, beforeAll, test } from "vitest";
import { createSimulatedNode, type SimulatedNode } from "./simulated-node.ts";

const dataDir = mkdtempSync(join(tmpdir(), "muster-sim-exam-"));
const open = () => createSimulatedNode({ nodeId: "n000000exam", name: "sim-exam", seed: "exam", dataDir });
let node: SimulatedNode;

beforeAll(async () => {
  node = await open();
});
afterAll(async () => {
  await node.close();
  rmSync(dataDir, { recursive: true });
});

const archive = (fileName: string): ImportSource => ({ fileName, sha256: "0".repeat(64), init: "busybox" });

const examinee: Examinee = {
  agent: () => node,
  restart: async () => {
    await node.close();
    node = await open();
  },
  spec: (n) => ({
    name: `exam-${n}`,
    template: "busybox",
    address: `10.80.0.${10 + n}`,
    limits: limitsWith({ "cpu.cores": 1, "memory.max": 64 * MIB, "disk.max": 128 * MIB, "pids.max": 128 }),
  }),
  outsideAddress: "10.81.0.10",
  imports: {
    good: archive("good.tar"),
    wrongChecksum: archive("wrong-checksum.tar"),
    invalid: archive("invalid.tar"),
    missing: archive("missing.tar"),
  },
};

test.each(CONFORMANCE)("$name", ({ ask }) => ask(examinee), 20_000);
