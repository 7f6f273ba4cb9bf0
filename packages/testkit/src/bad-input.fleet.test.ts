/** What people and scripts get wrong: each gets one clear error with a code, and nothing is left of the attempt. */
import { createHash } from "node:crypto";
import { GIB } from "@muster/model/units";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTestFleet, ended, runVps, specOn, type TestFleet, type TestNode } from "./fleet.ts";
import { expectRefusal } from "./refusal.ts";

let fleet: TestFleet;
let node: TestNode;

beforeAll(async () => {
  fleet = await createTestFleet();
  node = await fleet.addNode("sim-01");
});
afterAll(() => fleet.close());

const create = (spec: ReturnType<typeof specOn>, nodeId = node.nodeId) => fleet.api().vps.create({ nodeId, spec });

/** Neither the fleet nor the node knows of a VPS or a job that was not there before. */
async function expectNothingChanged(attempt: () => Promise<unknown>): Promise<void> {
  const look = async () => ({
    vps: (await fleet.api().vps.list({ limit: 500 })).total,
    jobs: (await fleet.api().jobs.list({ limit: 1 })).total,
    onNode: (await node.host.node().listVps()).length,
  });
  const before = await look();
  await attempt();
  expect(await look()).toEqual(before);
}

describe("a name", () => {
  test.each(["--help", "../x", ";reboot", "$(reboot)", "a b", "Web", "wеb", "web\n", "web\0", "-", "", "a".repeat(64)])(
    "cannot be %j",
    async (name) => {
      await expectNothingChanged(() => expectRefusal(create(specOn(node, name, 10)), "invalid_input", "spec.name"));
    },
  );

  test("that another VPS has is refused", async () => {
    await runVps(fleet, node, specOn(node, "taken", 11));
    await expectNothingChanged(() => expectRefusal(create(specOn(node, "taken", 12)), "name_taken"));
  });

  test("can be had by one of two who ask at once", async () => {
    const outcomes = await Promise.allSettled([20, 21].map((last) => create(specOn(node, "twin", last))));
    expect(outcomes.map((outcome) => outcome.status).toSorted()).toEqual(["fulfilled", "rejected"]);
    for (const outcome of outcomes) {
      if (outcome.status === "rejected") await expectRefusal(Promise.reject(outcome.reason), "name_taken");
      else expect((await ended(fleet.fleet(), outcome.value.jobId)).state).toBe("succeeded");
    }
    expect((await fleet.api().vps.list({ search: "twin", limit: 10 })).total).toBe(1);
  });

  test("is free again when its VPS is deleted", async () => {
    const vpsId = await runVps(fleet, node, specOn(node, "again", 22));
    const { jobId } = await fleet.api().vps.delete({ vpsId });
    expect((await ended(fleet.fleet(), jobId)).state).toBe("succeeded");
    await runVps(fleet, node, specOn(node, "again", 22));
  });
});

describe("an address", () => {
  test("that another VPS has is refused", async () => {
    await runVps(fleet, node, specOn(node, "holder", 30));
    await expectNothingChanged(() => expectRefusal(create(specOn(node, "other", 30)), "address_taken"));
  });

  test("can be had by one of two who ask at once", async () => {
    const outcomes = await Promise.allSettled(["left", "right"].map((name) => create(specOn(node, name, 31))));
    expect(outcomes.map((outcome) => outcome.status).toSorted()).toEqual(["fulfilled", "rejected"]);
    for (const outcome of outcomes) {
      if (outcome.status === "fulfilled") await ended(fleet.fleet(), outcome.value.jobId);
    }
  });

  test.each([
    ["outside the network", "192.168.1.10"],
    ["the network's own", "10.90.100.0"],
    ["the broadcast address", "10.90.100.255"],
    ["the gateway's", "10.90.100.1"],
  ])("%s is refused", async (_which, address) => {
    await expectNothingChanged(() =>
      expectRefusal(create(specOn(node, "stray", { last: 40, address })), "address_outside_network"),
    );
  });

  test.each(["10.90.100.300", "10.90.100.10/24", "--help", "::1", "010.90.100.1"])("cannot be %j", async (address) => {
    await expectRefusal(create(specOn(node, "stray", { last: 40, address })), "invalid_input", "spec.address");
  });
});

describe("resources", () => {
  test("more memory than the node has is refused, with the figures", async () => {
    await expectNothingChanged(async () => {
      const attempt = create(specOn(node, "greedy", { last: 50, limits: { "memory.max": 512 * GIB } }));
      expect(await expectRefusal(attempt, "overcommitted")).toMatch(/GiB|TiB/);
    });
  });

  test("what is left of the memory goes to one of many who ask for it at once", async () => {
    const { memoryBytes } = await fleet.api().nodes.get({ nodeId: node.nodeId });
    const half = Math.floor((memoryBytes ?? 0) * 0.6);
    const specs = [60, 61, 62].map((last) => specOn(node, `half-${last}`, { last, limits: { "memory.max": half } }));
    const outcomes = await Promise.allSettled(specs.map((spec) => create(spec)));
    expect(outcomes.filter((outcome) => outcome.status === "fulfilled")).toHaveLength(1);
    for (const outcome of outcomes) {
      if (outcome.status === "rejected") await expectRefusal(Promise.reject(outcome.reason), "overcommitted");
      else {
        await ended(fleet.fleet(), outcome.value.jobId);
        const { jobId } = await fleet.api().vps.delete({ vpsId: outcome.value.vpsId });
        expect((await ended(fleet.fleet(), jobId)).state).toBe("succeeded");
      }
    }
  });

  test.each([
    ["cpu.cores", 0],
    ["cpu.cores", Number.NaN],
    ["memory.max", -1],
    ["memory.max", 64.5],
    ["disk.max", 0],
    ["pids.max", 1],
  ])("%s cannot be %d", async (name, value) => {
    const spec = specOn(node, "odd", 51);
    const attempt = create({ ...spec, limits: { ...spec.limits, [name]: value } });
    await expectRefusal(attempt, "invalid_input", `spec.limits.${name}`);
  });
});

describe("what is not there", () => {
  test("a template", async () => {
    await expectNothingChanged(() =>
      expectRefusal(create(specOn(node, "bare", { last: 52, template: "no-such" })), "template_missing"),
    );
  });

  test("a node, a VPS, a job", async () => {
    await expectRefusal(create(specOn(node, "lost", 53), "nzzzzzzzzzz"), "not_found");
    await expectRefusal(fleet.api().vps.get({ vpsId: "vzzzzzzzzzz" }), "not_found");
    await expectRefusal(fleet.api().vps.start({ vpsId: "vzzzzzzzzzz" }), "not_found");
    await expectRefusal(fleet.api().jobs.get({ jobId: "jzzzzzzzzzz" }), "not_found");
  });

  test.each(["", "v", "../etc", "v0000000001;", "V0000000001"])("an id cannot be %j", async (vpsId) => {
    await expectRefusal(fleet.api().vps.get({ vpsId }), "invalid_input", "vpsId");
  });
});

describe("what the state forbids", () => {
  test("starting what runs, a terminal in what is stopped", async () => {
    const vpsId = await runVps(fleet, node, specOn(node, "busy-bee", 70));
    expect(await expectRefusal(fleet.api().vps.start({ vpsId }), "state_conflict")).toMatch(/running/);
    const { jobId } = await fleet.api().vps.stop({ vpsId });
    await ended(fleet.fleet(), jobId);
    await expectRefusal(fleet.api().vps.stop({ vpsId }), "state_conflict");
    await expectRefusal(fleet.api().terminal.open({ vpsId, columns: 80, rows: 24 }), "state_conflict");
    await expectRefusal(fleet.api().vps.exec({ vpsId, argv: ["true"], timeoutMs: 1_000 }), "state_conflict");
  });

  test("two operations at once: the second is told which job holds the VPS", async () => {
    const vpsId = await runVps(fleet, node, specOn(node, "sim-slow-stop-2s", 71));
    const { jobId } = await fleet.api().vps.stop({ vpsId });
    const sentence = await expectRefusal(fleet.api().vps.delete({ vpsId }), "busy");
    expect(sentence).toContain(jobId);
    await ended(fleet.fleet(), jobId);
  });
});

describe("a failing engine", () => {
  test.each([
    ["sim-pool-full", "pool_full"],
    ["sim-disk-full", "disk_full"],
    ["sim-fail-create", "engine_failed"],
    ["sim-fail-start", "engine_failed"],
  ])("%s fails its job with %s; name and address are free again and the node has nothing of it", async (name, code) => {
    const spec = specOn(node, name, 80);
    const { jobId, vpsId } = await create(spec);
    const job = await ended(fleet.fleet(), jobId);
    expect([job.state, job.error?.code]).toEqual(["failed", code]);
    expect(job.steps.map((step) => step.state)).toContain("failed");
    await expectRefusal(fleet.api().vps.get({ vpsId }), "not_found");
    expect((await node.host.node().listVps()).some((status) => status.vpsId === vpsId)).toBe(false);
    const second = await create({ ...spec, name: `after-${name}` });
    expect((await ended(fleet.fleet(), second.jobId)).state).toBe("succeeded");
    const gone = await fleet.api().vps.delete({ vpsId: second.vpsId });
    await ended(fleet.fleet(), gone.jobId);
  });
});

describe("a template", () => {
  const template = { name: "custom", description: "Mine", init: "busybox" } as const;
  const sha256 = createHash("sha256").update("archive").digest("hex");
  const importing = (fileName: string) =>
    fleet.api().templates.import({ nodeId: node.nodeId, ...template, fileName, sha256 });

  test.each([
    ["wrong-checksum.tar", "checksum_mismatch"],
    ["invalid.tar", "archive_invalid"],
    ["missing.tar", "not_found"],
  ])("from %s fails with %s and is not listed", async (fileName, code) => {
    const job = await ended(fleet.fleet(), (await importing(fileName)).jobId);
    expect([job.state, job.error?.code]).toEqual(["failed", code]);
    expect((await node.host.node().listTemplates()).some((one) => one.name === "custom")).toBe(false);
  });

  test.each(["../../etc/shadow", "/etc/shadow", "--checkpoint", "a/b.tar", ".hidden", ""])(
    "cannot be a file named %j",
    async (fileName) => {
      await expectRefusal(importing(fileName), "invalid_input", "fileName");
    },
  );
});

describe("an enrolment token", () => {
  const claim = (token: string) =>
    fleet
      .fleet()
      .enrolment.claim(
        { token, publicKeySha256: crypto.randomUUID(), hostname: "x", address: "127.0.0.1:1", simulated: true },
        async () => "",
      );

  test("is good once", async () => {
    const { token } = await fleet.api().nodes.createEnrolmentToken();
    await claim(token);
    await expectRefusal(claim(token), "token_invalid");
  });

  test("is not guessed", async () => {
    const { token } = await fleet.api().nodes.createEnrolmentToken();
    const altered = `${token.slice(0, -1)}${token.endsWith("A") ? "B" : "A"}`;
    for (const wrong of ["", "muster1", altered, `${token} `, "'; DROP TABLE node; --"]) {
      await expectRefusal(claim(wrong), "token_invalid");
    }
    await claim(token);
  });
});
