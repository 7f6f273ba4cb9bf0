/**
 * Everything at once, at random: people create, start, stop, restart and delete while agents are killed and the server is
 * started again. However it went, in the end no job hangs, and what the server believes is what the nodes have.
 */

import { viewOf } from "@muster/api/errors";
import { type ErrorCode, errorCodeSchema } from "@muster/model/errors";
import { TRPCError } from "@trpc/server";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createTestFleet, eventually, specOn, type TestFleet, type TestNode } from "./fleet.ts";

/** Of three acts at once. */
const STEPS = 60;
/** Another one by hand: `MUSTER_TEST_SEED=7 pnpm exec vitest run --project fleet chaos`. */
const SEED = Number(process.env["MUSTER_TEST_SEED"] ?? 20_061_122);
/** What a person may be told in the middle of all this. */
const HONEST: ReadonlySet<ErrorCode> = new Set([
  "name_taken",
  "address_taken",
  "state_conflict",
  "busy",
  "not_found",
  "node_unreachable",
]);

let fleet: TestFleet;
let nodes: TestNode[];

beforeAll(async () => {
  fleet = await createTestFleet();
  nodes = [await fleet.addNode("sim-01", 0.5), await fleet.addNode("sim-02", 0.5)];
});
afterAll(() => fleet.close());

/** mulberry32: small, and the same everywhere. */
function dice(seed: number): (sides: number) => number {
  let state = seed;
  return (sides) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % sides;
  };
}

async function politely(call: Promise<unknown>): Promise<void> {
  await call.catch((error: unknown) => {
    const { code, message } =
      error instanceof TRPCError ? viewOf(error) : { code: "internal" as const, message: String(error) };
    if (!HONEST.has(errorCodeSchema.parse(code)))
      throw new Error(`seed ${SEED}: ${code}: ${message}`, { cause: error });
  });
}

async function someVps(pick: (sides: number) => number): Promise<string | undefined> {
  const { items } = await fleet.api().vps.list({ limit: 100 });
  return items[pick(Math.max(1, items.length))]?.id;
}

async function act(pick: (sides: number) => number): Promise<void> {
  const node = nodes[pick(nodes.length)];
  if (node === undefined) throw new Error("there is a node");
  const what = pick(10);
  if (what < 4) {
    const spec = specOn(node, `vps-${pick(12)}`, 10 + pick(12));
    return politely(fleet.api().vps.create({ nodeId: node.nodeId, spec, start: pick(2) === 0 }));
  }
  const vpsId = await someVps(pick);
  if (vpsId === undefined) return;
  const verbs = ["start", "stop", "restart", "delete", "start", "stop"] as const;
  const verb = verbs[what - 4];
  if (verb !== undefined) await politely(fleet.api().vps[verb]({ vpsId }));
}

/** One node after another loses its agent for a moment, until told to stop. */
async function disturb(stop: AbortSignal, pick: (sides: number) => number): Promise<void> {
  for (let round = 0; !stop.aborted; round += 1) {
    const { host } = nodes[round % nodes.length] ?? {};
    await new Promise((resolve) => setTimeout(resolve, 200 + pick(400)));
    await host?.kill();
    await new Promise((resolve) => setTimeout(resolve, 100 + pick(900)));
    await host?.boot();
  }
}

async function believed({ nodeId }: TestNode): Promise<string[]> {
  const { items } = await fleet.api().vps.list({ nodeId, limit: 100 });
  return items.map((vps) => `${vps.id} ${vps.state}`).toSorted();
}

async function actual({ host }: TestNode): Promise<string[]> {
  return (await host.node().listVps()).map((status) => `${status.vpsId} ${status.state}`).toSorted();
}

test("server and nodes agree when the storm is over", async () => {
  process.stderr.write(`chaos seed ${SEED}\n`);
  const pick = dice(SEED);
  const stop = new AbortController();
  const disturbing = disturb(stop.signal, dice(SEED + 1));
  for (let step = 0; step < STEPS; step += 1) {
    await Promise.all([act(pick), act(pick), act(pick)]);
    await new Promise((resolve) => setTimeout(resolve, pick(120)));
    if (step === STEPS / 2) await fleet.restart();
  }
  stop.abort();
  await disturbing;

  await eventually(
    "every job ends",
    async () => (await fleet.api().jobs.list({ active: true, limit: 1 })).total === 0,
    120_000,
  );
  const jobs = (await fleet.api().jobs.list({ limit: 200 })).items;
  process.stderr.write(`${jobs.length} jobs\n`);
  const odd = jobs
    .filter((job) => job.state !== "succeeded")
    .map((job) => [job.kind, job.state, job.error?.code, job.error?.message]);
  expect(odd, `seed ${SEED}`).toEqual([]);
  for (const node of nodes) {
    await eventually(
      "server and node agree",
      async () => (await believed(node)).join() === (await actual(node)).join(),
    ).catch(async () => expect(await believed(node), `seed ${SEED}`).toEqual(await actual(node)));
  }
}, 240_000);
