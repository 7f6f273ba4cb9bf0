import { MusterError } from "@muster/model/errors";
import { limitsWith } from "@muster/model/limits/registry";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { createTestAgent, TEST_NODE_ID, TEST_STATUS, TEST_VPS_ID } from "./test-agent.ts";
import { codeOf, createTestWire, type TestWire } from "./test-wire.ts";

let wire: TestWire;
beforeAll(async () => {
  wire = await createTestWire();
});
afterEach(() => wire.clean());

/** A slow machine takes longer than the default second. */
const soon = <T>(look: () => T) => expect.poll(look, { timeout: 10_000 });

describe("a call", () => {
  it("brings the agent's answer, parsed", async () => {
    const client = wire.clientOf(await wire.listen(createTestAgent()));
    expect(await client.describe()).toMatchObject({ nodeId: TEST_NODE_ID, simulated: true });
    expect(await client.listVps()).toEqual([TEST_STATUS]);
    expect(
      await client.deleteVps({ key: "k", vpsId: TEST_VPS_ID, epoch: 1 }, AbortSignal.timeout(5000)),
    ).toBeUndefined();
  });

  it("carries a failure across with code, sentence, field and the engine's own words", async () => {
    const failing = createTestAgent({
      createVps: async () => {
        throw new MusterError("address_taken", "10.80.0.9 is in use.", {
          field: "address",
          cause: new Error("outer", { cause: new Error("RTNETLINK answers: File exists") }),
        });
      },
    });
    const client = wire.clientOf(await wire.listen(failing));
    const input = {
      key: "k",
      vpsId: TEST_VPS_ID,
      epoch: 1,
      generation: 1,
      mac: "02:4d:0a:50:00:09",
      spec: {
        name: "a",
        template: "busybox",
        address: "10.80.0.9",
        limits: limitsWith(),
      },
    };
    const error = await client.createVps(input, AbortSignal.timeout(5000)).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "address_taken", message: "10.80.0.9 is in use.", field: "address" });
    expect(error).toHaveProperty("cause.message", "outer: RTNETLINK answers: File exists");
    expect(wire.logged).toMatchObject([{ method: "createVps", error: { code: "address_taken" } }]);
  });

  it("says nothing of itself when what failed is no MusterError", async () => {
    const client = wire.clientOf(
      await wire.listen(createTestAgent({ listVps: () => Promise.reject(new Error("/secret/path")) })),
    );
    await expect(client.listVps()).rejects.toMatchObject({
      code: "internal",
      message: "Something unexpected went wrong.",
    });
  });

  it("refuses input that does not parse, and names the field", async () => {
    const client = wire.clientOf(await wire.listen(createTestAgent()));
    const bad = client.exec({ vpsId: "../../etc", argv: ["x"], timeoutMs: 5 }, AbortSignal.timeout(5000));
    await expect(bad).rejects.toMatchObject({ code: "invalid_input", field: "vpsId" });
  });

  it("refuses an answer that does not parse", async () => {
    const lying = createTestAgent({ listVps: async () => [{ ...TEST_STATUS, statusSeq: -1 }] });
    expect(await codeOf(wire.clientOf(await wire.listen(lying)).listVps())).toBe("internal");
  });

  it("refuses a body above 1 MiB", async () => {
    const client = wire.clientOf(await wire.listen(createTestAgent()));
    const argv = Array.from({ length: 64 }, () => "\u{1F600}".repeat(4096));
    expect(await codeOf(client.exec({ vpsId: TEST_VPS_ID, argv, timeoutMs: 5 }, AbortSignal.timeout(5000)))).toBe(
      "invalid_input",
    );
  });

  it("is cancelled on the node when its caller gives up", async () => {
    let cancelled = false;
    const slow = createTestAgent({
      stopVps: (_input, signal) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener("abort", () => {
            cancelled = true;
            reject(new Error("cancelled"));
          });
        }),
    });
    const client = wire.clientOf(await wire.listen(slow));
    const caller = new AbortController();
    const stop = client.stopVps({ key: "k", vpsId: TEST_VPS_ID, epoch: 1, graceMs: 0 }, caller.signal);
    setTimeout(() => caller.abort(new MusterError("busy", "given up")), 100);
    expect(await codeOf(stop)).toBe("busy");
    await soon(() => cancelled).toBe(true);
  });

  it("reaches the node it names, where several share an address", async () => {
    const ids = ["n0000000001", "n0000000002"];
    const nodes = await Promise.all(
      ids.map(async (nodeId) => ({
        ...(await wire.authority.issue(nodeId)),
        nodeId,
        agent: createTestAgent({ describe: async () => ({ ...(await createTestAgent().describe()), nodeId }) }),
      })),
    );
    const listener = await wire.serve(nodes);
    for (const nodeId of ids) expect(await wire.clientOf(listener, { nodeId }).describe()).toMatchObject({ nodeId });
    expect(await codeOf(wire.clientOf(listener, { nodeId: "n0000000003" }).describe())).toBe("node_unreachable");
  });

  it("reaches an agent that was restarted since the last one", async () => {
    const first = await wire.listen(createTestAgent());
    const client = wire.clientOf(first);
    await client.describe();
    await first.close();
    expect(await codeOf(client.describe())).toBe("node_unreachable");
    await wire.listen(createTestAgent(), first.port);
    await client.describe();
  });
});
