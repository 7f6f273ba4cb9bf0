/**
 * The exam of all agents, held over the wire that the server uses (mutual TLS, deadlines, streams), and with an agent
 * that is killed wherever the exam restarts it: what is lost or bent on the way would show here.
 */
import { rm } from "node:fs/promises";
import { type AgentClient, connectAgent } from "@muster/agent-api/client";
import { CONFORMANCE } from "@muster/agent-api/conformance";
import type { Examinee, ImportSource } from "@muster/agent-api/conformance/examinee";
import { createTestAuthority } from "@muster/agent-api/test-authority";
import { afterAll, beforeAll, test } from "vitest";
import { specOn } from "./fleet.ts";
import { makeScratch } from "./scratch.ts";
import { createSimulatedHost, type SimulatedHost } from "./simulated-host.ts";

const NODE_ID = "n00000exam1";
let dataDir: string;
let host: SimulatedHost;
let agent: AgentClient;

beforeAll(async () => {
  dataDir = await makeScratch("wire");
  const network = { bridge: "muster0", network: "10.90.7.0/24", gateway: "10.90.7.1" };
  host = await createSimulatedHost({ name: "sim-exam", network, dataDir, latencyScale: 1 });
  const authority = await createTestAuthority();
  await host.boot({ nodeId: NODE_ID, credentials: await authority.issue(NODE_ID) });
  agent = connectAgent({ ...(await authority.issue("muster-server")), nodeId: NODE_ID, address: host.address });
});
afterAll(async () => {
  agent?.close();
  await host?.close();
  await rm(dataDir, { recursive: true, force: true });
});

const archive = (fileName: string): ImportSource => ({ fileName, sha256: "0".repeat(64), init: "busybox" });

const examinee: Examinee = {
  agent: () => agent,
  restart: async () => {
    await host.kill();
    await host.boot();
  },
  spec: (n) => specOn({ nodeId: NODE_ID, host }, `exam-${n}`, 10 + n),
  outsideAddress: "192.0.2.1",
  imports: {
    good: archive("good.tar"),
    wrongChecksum: archive("wrong-checksum.tar"),
    invalid: archive("invalid.tar"),
    missing: archive("missing.tar"),
  },
};

test.each(CONFORMANCE)("$name", ({ ask }) => ask(examinee), 30_000);
