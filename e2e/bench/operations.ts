/**
 * Operations per second: two servers on one PostgreSQL, simulated nodes with the latency that was measured on real ones,
 * and 1,000 VPSs of which each is asked for one thing at once: a third to start or stop, a third the other way round, a
 * third to have other limits; three quarters of it by bulk, the rest by single calls to both servers. From the first
 * job that was written down to the last that ended, as the jobs' own rows tell, three times over: 3,000 operations.
 */
import { readdir, readFile } from "node:fs/promises";
import { cpus } from "node:os";
import { type MusterClient, refusalOf } from "@muster/client";
import { MIB } from "@muster/model/units";
import { type Cluster, startCluster } from "../cluster/cluster.ts";
import { heardNodes } from "../fleet-of.ts";
import type { BenchResult } from "./bench.ts";
import { quantile, rounded } from "./quantile.ts";

const SERVERS = 2;
const NODES = 20;
const VPS_PER_NODE = 50;
const ROUNDS = 3;
/** The API's own bound. */
const BULK = 500;
const SINGLE_SHARE = 0.25;
/** Callers at once, of those that ask one by one. */
const CALLERS = 16;
const PATIENCE = 60;
const PAGE = 200;
const LIMITS = { "cpu.cores": 0.1, "memory.max": 64 * MIB, "disk.max": 256 * MIB, "pids.max": 64 };
const TICKS_PER_SECOND = 100; // USER_HZ; fixed by the kernel's ABI on x86 and arm64

type Act = "start" | "stop" | "setLimits";
const ACTS: readonly Act[] = ["start", "stop", "setLimits"];

/** Runs the work over all items, so many at a time. */
async function each<Item>(items: readonly Item[], atOnce: number, work: (item: Item, index: number) => Promise<void>) {
  let next = 0;
  const worker = async () => {
    for (let index = next++; index < items.length; index = next++) {
      const item = items[index];
      if (item !== undefined) await work(item, index);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}

async function idle(client: MusterClient): Promise<void> {
  while ((await client.jobs.list.query({ active: true, limit: 1 })).total > 0)
    await new Promise((resolve) => setTimeout(resolve, 200));
}

/** A node that was asked too much to be heard in time is asked again. */
async function patiently<Answer>(call: () => Promise<Answer>): Promise<Answer> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await call();
    } catch (error) {
      if (tries === PATIENCE || refusalOf(error)?.code !== "node_unreachable") throw error;
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }
}

/** Every second one runs. */
async function furnish({ clients }: Cluster): Promise<string[]> {
  const [client] = clients;
  if (client === undefined) throw new Error("there is no server");
  const nodes = await heardNodes(client);
  const places = nodes.flatMap((node, third) =>
    Array.from({ length: VPS_PER_NODE }, (_, last) => ({ node, third, last })),
  );
  const made: string[] = [];
  await each(places, CALLERS, async ({ node, third, last }, index) => {
    const spec = { template: "busybox", address: `10.90.${third}.${10 + last}`, limits: LIMITS };
    const request = { nodeId: node.id, spec: { ...spec, name: `load-${index}` }, start: index % 2 === 0 };
    made[index] = (await patiently(() => client.vps.create.mutate(request))).vpsId;
  });
  await idle(client);
  process.stderr.write(`operations: ${made.length} VPSs on ${nodes.length} simulated nodes\n`);
  return made;
}

/** Which running VPS is asked for what: in turn, so that what stopped in one round starts in the next. */
function actFor(index: number, round: number, running: boolean): Act {
  const act = ACTS[(Math.floor(index / 2) + round) % ACTS.length] ?? "setLimits";
  if (act === "setLimits") return act;
  return running ? "stop" : "start";
}

interface Wanted {
  vpsId: string;
  act: Act;
}

async function ask(client: MusterClient, { vpsId, act }: Wanted, round: number): Promise<void> {
  if (act === "setLimits") await client.vps.setLimits.mutate({ vpsId, limits: changeOf(round) });
  else await client.vps[act].mutate({ vpsId });
}

const changeOf = (round: number) => ({ "pids.max": 100 + round, "memory.max": (65 + round) * MIB });

async function askMany(client: MusterClient, wanted: readonly Wanted[], round: number): Promise<number> {
  let refused = 0;
  for (const type of ACTS) {
    const vpsIds = wanted.filter(({ act }) => act === type).map(({ vpsId }) => vpsId);
    for (let from = 0; from < vpsIds.length; from += BULK) {
      const action = type === "setLimits" ? { type, limits: changeOf(round) } : { type };
      const { results } = await client.vps.bulk.mutate({ vpsIds: vpsIds.slice(from, from + BULK), action });
      const errors = results.flatMap((result) => ("error" in result ? [result.error.message] : []));
      for (const message of new Set(errors)) process.stderr.write(`  refused: ${message}\n`);
      refused += errors.length;
    }
  }
  return refused;
}

interface Ticks {
  pid: number;
  parent: number;
  /** Its own and those of its ended children. */
  ticks: number;
}

async function ticksOf(pid: number): Promise<Ticks | null> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => null); // it has just ended
  if (stat === null) return null;
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" "); // man 5 proc_pid_stat: utime is the 14th
  return { pid, parent: Number(fields[1]), ticks: fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0) };
}

/** Seconds of CPU of each process so far, with its children (PostgreSQL's work is done by them), and of the whole machine. */
async function cpuSeconds(cluster: Cluster): Promise<Map<string, number>> {
  const pids = (await readdir("/proc")).map(Number).filter(Number.isInteger);
  const living = (await Promise.all(pids.map(ticksOf))).filter((one) => one !== null);
  const all = [cluster.database, ...[...cluster.servers, ...cluster.agents].map((one) => one.process)];
  const figures = new Map<string, number>();
  for (const one of all) {
    const ofIt = living.filter(({ pid, parent }) => pid === one.pid() || parent === one.pid());
    figures.set(one.name, ofIt.reduce((sum, { ticks }) => sum + ticks, 0) / TICKS_PER_SECOND);
  }
  const { user, system } = process.cpuUsage();
  figures.set("the callers", (user + system) / 1e6);
  const idle = cpus().reduce((sum, { times }) => sum + times.idle, 0) / 1000;
  return figures.set("idle, both cores", idle);
}

interface Round {
  jobs: number;
  perSecond: number;
  enqueuedPerSecond: number;
  refused: number;
}

async function measured(client: MusterClient, since: string): Promise<Pick<Round, "jobs" | "perSecond">> {
  const begun: number[] = [];
  const ended: number[] = [];
  const atWork = new Map<string, number[]>();
  for (let cursor: string | undefined; ; ) {
    const page = await client.jobs.list.query({ from: since, limit: PAGE, cursor });
    for (const job of page.items) {
      if (job.state !== "succeeded")
        throw new Error(`${job.kind} of ${job.vpsName}: ${job.state} ${job.error?.message}`);
      begun.push(Date.parse(job.createdAt));
      ended.push(Date.parse(job.endedAt ?? ""));
      const tookMs = Date.parse(job.endedAt ?? "") - Date.parse(job.startedAt ?? "");
      atWork.set(job.kind, [...(atWork.get(job.kind) ?? []), tookMs]);
    }
    if (page.nextCursor === null) break;
    cursor = page.nextCursor;
  }
  for (const [kind, ms] of atWork)
    process.stderr.write(
      `  ${kind}: ${ms.length}, at work ${quantile(ms, 0.5)} ms p50, ${quantile(ms, 0.95)} ms p95\n`,
    );
  const seconds = (Math.max(...ended) - Math.min(...begun)) / 1000;
  return { jobs: ended.length, perSecond: ended.length / seconds };
}

async function round(cluster: Cluster, made: readonly string[], number: number): Promise<Round> {
  const { clients } = cluster;
  const [client, other] = clients;
  if (client === undefined || other === undefined) throw new Error("there are not two servers");
  const running = await runningOf(client);
  const wanted = made.map((vpsId, index) => ({ vpsId, act: actFor(index, number, running.has(vpsId)) }));
  const singles = wanted.slice(0, wanted.length * SINGLE_SHARE);
  const before = await cpuSeconds(cluster);
  const since = new Date().toISOString();
  const startedMs = performance.now();
  const [refused] = await Promise.all([
    askMany(client, wanted.slice(singles.length), number),
    each(singles, CALLERS, (one, index) => patiently(() => ask(index % 2 === 0 ? client : other, one, number))),
  ]);
  const enqueuedPerSecond = wanted.length / ((performance.now() - startedMs) / 1000);
  await idle(client);
  const after = await cpuSeconds(cluster);
  const spent = [...after].map(([name, seconds]) => `${name} ${rounded(seconds - (before.get(name) ?? 0))} s`);
  process.stderr.write(`  CPU: ${spent.join(", ")}\n`);
  return { ...(await measured(client, since)), enqueuedPerSecond, refused };
}

async function runningOf(client: MusterClient): Promise<Set<string>> {
  const ids = new Set<string>();
  for (let cursor: string | undefined; ; ) {
    const page = await client.vps.list.query({ limit: PAGE, cursor });
    for (const vps of page.items) if (vps.state === "running") ids.add(vps.id);
    if (page.nextCursor === null) return ids;
    cursor = page.nextCursor;
  }
}

export async function measure(): Promise<BenchResult> {
  const cluster = await startCluster({ name: "ops", port: 19_120, servers: SERVERS, simulated: NODES });
  try {
    const made = await furnish(cluster);
    const rounds: Round[] = [];
    for (let number = 1; number <= ROUNDS; number += 1) {
      const one = await round(cluster, made, number);
      process.stderr.write(
        `operations ${number}/${ROUNDS}: ${one.jobs} jobs, ${rounded(one.perSecond)}/s, written down at ${rounded(one.enqueuedPerSecond)}/s, ${one.refused} refused\n`,
      );
      rounds.push(one);
    }
    const rates = rounds.map(({ perSecond }) => perSecond);
    return {
      figures: {
        perSecond: rounded(quantile(rates, 0.5)),
        perSecondMin: rounded(Math.min(...rates)),
        perSecondMax: rounded(Math.max(...rates)),
        jobs: rounds.reduce((sum, { jobs }) => sum + jobs, 0),
        refused: rounds.reduce((sum, { refused }) => sum + refused, 0),
      },
      thresholds: { perSecond: 100, refused: 0 },
    };
  } finally {
    await cluster.end();
  }
}
