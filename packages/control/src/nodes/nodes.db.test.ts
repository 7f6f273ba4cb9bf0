import { MusterError } from "@muster/model/errors";
import type { Nic } from "@muster/model/node";
import { afterAll, beforeAll, expect, test } from "vitest";
import { FAKE_TEMPLATE, type FakeAgent, fakeInventory } from "../testing/fake-agent.ts";
import { ACTOR, createTestFleet, ended, eventually, type TestFleet } from "../testing/test-fleet.ts";

const NIC: Nic = {
  ...{
    name: "eth0",
    kind: "physical",
    mac: "52:54:00:12:34:56",
    driver: "e1000e",
    driverVersion: null,
    firmwareVersion: null,
  },
  ...{ busAddress: "0000:00:03.0", linkUp: true, speedBitsPerSecond: 1_000_000_000, duplex: "full", mtuBytes: 1500 },
  ...{ addresses: ["192.0.2.1/24"], master: null, offloads: [{ name: "tso", on: true, fixed: false }], rxQueues: 1 },
  ...{
    txQueues: 1,
    rxErrors: 0,
    txErrors: null,
    rxDropped: 0,
    txDropped: 0,
    rxCrcErrors: 0,
    collisions: 0,
    carrierChanges: 1,
  },
};

let control: TestFleet;
let nodeId: string;
let agent: FakeAgent;

beforeAll(async () => {
  control = await createTestFleet();
  ({ nodeId, agent } = await control.addNode("alpha"));
});
afterAll(() => control.close());

test("a node is shown as its agent reported it, to the last NIC", async () => {
  const inventory = fakeInventory({
    bootId: "boot-2",
    nics: [NIC, { ...NIC, name: "br0", kind: "bridge", speedBitsPerSecond: null }],
  });
  agent.inventory = async () => inventory;
  const described = await agent.describe();
  agent.describe = async () => ({ ...described, bootId: "boot-2" }); // a reboot is a reason to look again at once
  await eventually(async () => (await control.fleet.nodes.get(nodeId)).inventory?.bootId === "boot-2");
  const node = await control.fleet.nodes.get(nodeId);
  expect(node.inventory).toEqual(inventory);
  expect(node).toMatchObject({
    name: "alpha",
    health: "healthy",
    cores: 4,
    agentVersion: "0.1.0",
    templates: [FAKE_TEMPLATE],
  });
});

const template = {
  name: "debian-12",
  description: "",
  init: "systemd",
  fileName: "debian.tar",
  sha256: "1".repeat(64),
} as const;
const importTemplate = () => control.fleet.templates.import({ ...template, nodeId, actor: ACTOR });

test("an imported template is on the node's list when its job has ended", async () => {
  agent.listTemplates = async () => [FAKE_TEMPLATE, { ...FAKE_TEMPLATE, name: "debian-12" }];
  const { jobId } = await importTemplate();
  expect(await ended(control.fleet, jobId)).toMatchObject({ state: "succeeded", vpsId: null, nodeName: "alpha" });
  expect((await control.fleet.nodes.get(nodeId)).templates.map((one) => one.name)).toEqual(["busybox", "debian-12"]);
});

test("an archive that does not fit its checksum fails the job with that code", async () => {
  agent.importTemplate = () => Promise.reject(new MusterError("checksum_mismatch", "The archive has another SHA-256."));
  const { jobId } = await importTemplate();
  expect(await ended(control.fleet, jobId)).toMatchObject({
    state: "failed",
    error: { code: "checksum_mismatch" },
    steps: [
      { name: "unpack", state: "failed" },
      { name: "list", state: "skipped" },
    ],
  });
});

test("what does not exist is not found", async () => {
  await expect(control.fleet.nodes.get("n0000000000")).rejects.toMatchObject({ code: "not_found" });
  await expect(control.fleet.vps.suggestAddress("n0000000000")).rejects.toMatchObject({ code: "not_found" });
});
