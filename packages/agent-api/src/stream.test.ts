import { setTimeout as sleep } from "node:timers/promises";
import { MusterError } from "@muster/model/errors";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { createTestAgent, TEST_STATUS, testSample } from "./test-agent.ts";
import { codeOf, createTestWire, type TestWire } from "./test-wire.ts";

let wire: TestWire;
beforeAll(async () => {
  wire = await createTestWire();
});
afterEach(() => wire.clean());

/** A slow machine takes longer than the default second. */
const soon = <T>(look: () => T) => expect.poll(look, { timeout: 10_000 });

describe("a stream", () => {
  it("brings items as they come and ends when the agent ends it", async () => {
    const agent = createTestAgent({
      async *watchSamples() {
        for (const at of [1, 2, 3]) {
          yield testSample(at, 2);
          await sleep(10);
        }
      },
    });
    const client = wire.clientOf(await wire.listen(agent));
    const seen: number[] = [];
    for await (const sample of client.watchSamples(AbortSignal.timeout(5000))) seen.push(sample.monotonicMs);
    expect(seen).toEqual([1, 2, 3]);
  });

  it("ends quietly on the reader's abort, and the agent's side ends too", async () => {
    let ended = false;
    const agent = createTestAgent({
      async *watchVps(signal) {
        try {
          yield TEST_STATUS;
          await new Promise((resolve) => signal.addEventListener("abort", resolve));
        } finally {
          ended = true;
        }
      },
    });
    const client = wire.clientOf(await wire.listen(agent));
    const reader = new AbortController();
    for await (const status of client.watchVps(reader.signal)) {
      expect(status).toEqual(TEST_STATUS);
      reader.abort();
    }
    await soon(() => ended).toBe(true);
  });

  it("throws what the agent threw, before the first item and after it", async () => {
    const agent = createTestAgent({
      async *terminalOutput({ afterSeq }) {
        if (afterSeq === 1) yield { type: "data" as const, seq: 1, data: "aGk=" };
        throw new MusterError("not_found", "There is no such terminal.");
      },
    });
    const client = wire.clientOf(await wire.listen(agent));
    const read = async (afterSeq: number) => {
      const signal = AbortSignal.timeout(5000);
      for await (const _ of client.terminalOutput({ terminalId: "0".repeat(32), afterSeq }, signal));
    };
    expect(await codeOf(read(0))).toBe("not_found");
    expect(await codeOf(read(1))).toBe("not_found");
  });

  it("says that the node is unreachable when the agent dies in the middle", async () => {
    const agent = createTestAgent({
      async *watchVps(signal) {
        yield TEST_STATUS;
        await new Promise((resolve) => signal.addEventListener("abort", resolve));
      },
    });
    const listener = await wire.listen(agent);
    const client = wire.clientOf(listener);
    const read = async () => {
      for await (const _ of client.watchVps(AbortSignal.timeout(5000))) void listener.close();
    };
    expect(await codeOf(read())).toBe("node_unreachable");
  });
});
