/** The real agent, put together as the product does it, sits the exam of all agents: runc, btrfs and this kernel under it. */
import { createHash } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { CONFORMANCE } from "@muster/agent-api/conformance";
import type { Examinee, ImportSource } from "@muster/agent-api/conformance/examinee";
import { buildBusybox } from "@muster/node-agent/template/build-busybox";
import { createTrialNode, type TrialNode } from "@muster/node-agent/trial/trial-node";
import { pino } from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Environment } from "./env.ts";
import { type NodeInService, startRealNode } from "./real-node.ts";

const NODE_ID = "n000000exam";
let trial: TrialNode;
let service: NodeInService;

function environment(): Environment {
  return {
    agentDirectory: trial.layout.agentDir,
    listen: { host: "127.0.0.1", port: 0 },
    enrolUrl: "https://127.0.0.1:1",
    enrolToken: undefined,
    enrolTokenFile: undefined,
    network: trial.bridge,
    pool: { device: null, imageBytes: 1024 ** 3 },
    criu: undefined,
    simulate: 0,
    logLevel: "silent",
  };
}

const start = () => startRealNode(environment(), NODE_ID, pino({ level: "silent" }));

async function putArchive(fileName: string, content: Buffer): Promise<ImportSource> {
  await writeFile(join(trial.layout.importDir, fileName), content);
  return { fileName, sha256: createHash("sha256").update(content).digest("hex"), init: "busybox" };
}

const examinee: Examinee = {
  agent: () => service.agent,
  restart: async () => {
    await service.close();
    service = await start();
  },
  spec: (n) => ({ ...trial.creation(n).spec, name: `exam-${n}` }),
  outsideAddress: "192.0.2.1",
  imports: null,
};

beforeAll(async () => {
  trial = await createTrialNode();
  service = await start();
  const good = await putArchive("good.tar", await buildBusybox());
  const invalid = await putArchive("invalid.tar", Buffer.from("This is no archive.\n".repeat(100)));
  examinee.imports = {
    good,
    invalid,
    wrongChecksum: { ...good, sha256: "0".repeat(64) },
    missing: { ...good, fileName: "missing.tar" },
  };
});
afterAll(async () => {
  await service?.close();
  await trial?.clean();
});

test.each(CONFORMANCE)("$name", ({ ask }) => ask(examinee), 60_000);

test("the exam has left no VPS behind", async () => {
  expect(await service.agent.listVps()).toEqual([]);
});
