/**
 * The database is lost, as it is when its disk dies and no backup was made: `npm start -- --adopt` finds the nodes and
 * the VPSs that are still there. Asserted over the API, as a person who signs in anew would see it.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { chmod } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { addressOf, productOn, type Started, type TestProduct, untilGone } from "./test-product.ts";

const PORT = 18_660;
const URL_OF_API = `http://127.0.0.1:${PORT + 1}`;
const ADMINISTRATOR = { name: "Ada", email: "ada@example.org", password: "correct horse battery" };

let dataDir = "";
let product: TestProduct;

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), "muster-test-adopt-"));
  await chmod(dataDir, 0o755);
  product = productOn(dataDir, PORT);
});
afterAll(async () => {
  product.kill();
  await untilGone(product.recorded());
  rmSync(dataDir, { recursive: true, force: true });
});

type Ask = <Data extends z.ZodType>(path: string, input: unknown, data: Data) => Promise<z.output<Data>>;

const answeredSchema = z.object({ result: z.object({ data: z.unknown() }) });

async function answer<Data extends z.ZodType>(response: Response, data: Data): Promise<z.output<Data>> {
  const body: unknown = await response.json();
  if (!response.ok) throw new Error(`${response.status} of ${response.url}: ${JSON.stringify(body)}`);
  return data.parse(answeredSchema.parse(body).result.data);
}

/** Makes the first administrator with the token that the start has printed, and signs in. */
async function signedIn(started: Started): Promise<{ query: Ask; mutate: Ask }> {
  const [, token] = /#token=(\S+)$/.exec(await addressOf(started)) ?? [];
  if (token === undefined) throw new Error("the start printed no first-run token");
  const headers = { "content-type": "application/json", origin: `http://127.0.0.1:${PORT}` };
  const post = (path: string, body: object, more = {}) =>
    fetch(`${URL_OF_API}${path}`, { method: "POST", headers: { ...headers, ...more }, body: JSON.stringify(body) });
  await answer(await post("/trpc/setup.complete", { token, ...ADMINISTRATOR }), z.unknown());
  const { email, password } = ADMINISTRATOR;
  const cookie = (await post("/api/auth/sign-in/email", { email, password })).headers.getSetCookie()[0]?.split(";")[0];
  return {
    mutate: async (path, input, data) =>
      await answer(await post(`/trpc/${path}`, Object(input), { cookie: cookie ?? "" }), data),
    query: async (path, input, data) => {
      const search = input === undefined ? "" : `?input=${encodeURIComponent(JSON.stringify(input))}`;
      return await answer(
        await fetch(`${URL_OF_API}/trpc/${path}${search}`, { headers: { cookie: cookie ?? "" } }),
        data,
      );
    },
  };
}

const nodesSchema = z.object({ items: z.array(z.object({ id: z.string(), name: z.string(), health: z.string() })) });
const vpsSchema = z.object({
  items: z.array(
    z.object({
      ...{ id: z.string(), nodeId: z.string(), state: z.string(), mac: z.string(), epoch: z.number() },
      spec: z.object({ name: z.string(), address: z.string(), limits: z.record(z.string(), z.unknown()) }),
    }),
  ),
});
const byId = (one: { id: string }, other: { id: string }) => one.id.localeCompare(other.id);

async function eventually(what: string, condition: () => Promise<boolean>, withinMs = 60_000): Promise<void> {
  const deadline = Date.now() + withinMs;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`${what}: not within ${withinMs} ms`);
    await sleep(200);
  }
}

async function fleetOf({ query }: { query: Ask }) {
  const nodes = (await query("nodes.list", undefined, nodesSchema)).items;
  const vps = (await query("vps.list", { limit: 50 }, vpsSchema)).items;
  return { nodes: nodes.toSorted(byId), vps: vps.toSorted(byId) };
}

async function stop(started: Started): Promise<void> {
  started.child.kill("SIGINT");
  await started.ended;
  await untilGone(product.recorded());
}

const LIMITS = { "cpu.cores": 0.75, "memory.max": 64 * 2 ** 20, "disk.max": 256 * 2 ** 20, "nic.egress": 20_000_000 };

test("a lost database: a start with --adopt has the same nodes, the same VPSs running, and their limits as they were", async () => {
  const first = product.start({}, "--simulate", "2");
  const before = await signedIn(first);
  await eventually("both nodes are healthy", async () => {
    const { nodes } = await fleetOf(before);
    return nodes.length === 2 && nodes.every(({ health }) => health === "healthy");
  });
  const { nodes } = await fleetOf(before);
  for (const [index, { id: nodeId }] of nodes.entries()) {
    const { address } = await before.query("vps.suggestAddress", { nodeId }, z.object({ address: z.string() }));
    const spec = { name: `web-${index}`, template: "busybox", address, limits: LIMITS };
    await before.mutate("vps.create", { nodeId, spec, start: true }, z.unknown());
  }
  await eventually("both VPSs run", async () => (await fleetOf(before)).vps.every(({ state }) => state === "running"));
  const lost = await fleetOf(before);
  expect(lost.vps).toHaveLength(2);
  await stop(first);
  rmSync(join(dataDir, "postgres"), { recursive: true });

  const adopting = product.start({}, "--simulate", "2", "--adopt");
  const after = await signedIn(adopting);
  await eventually("all is back", async () => {
    const { nodes: found, vps } = await fleetOf(after);
    return found.length === 2 && vps.length === 2 && vps.every(({ state }) => state === "running");
  });
  const found = await fleetOf(after);
  expect(found.vps).toEqual(lost.vps);
  expect(found.nodes.map(({ id }) => id)).toEqual(lost.nodes.map(({ id }) => id));
  const jobs = z.object({ items: z.array(z.object({ kind: z.string(), actor: z.string(), state: z.string() })) });
  await eventually("its jobs have ended", async () => {
    const { items } = await after.query("jobs.list", { limit: 50 }, jobs);
    return items.length === 4 && items.every(({ actor, state }) => actor === "adopt" && state === "succeeded");
  });
  await stop(adopting);
}, 300_000);
