/**
 * Limits changed through the API while the VPS runs: from the call to the value read back from the node's kernel, for
 * each limit that the node can hold; and the longest time in which a client that asks the VPS every 5 ms heard nothing,
 * over one open connection and over new ones, during 100 changes in a row, three times over.
 *
 * A machine that is itself a guest is not always run: what its hypervisor took away during a gap, as the kernel counts it
 * (native/trial/steady-client.c), is no part of `longestGapMs`. The whole gap, and the longest one while nothing was
 * changed, stand beside it.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { MusterClient } from "@muster/client";
import { LIMIT_NAMES, type LimitName, type LimitsChange } from "@muster/model/limits/registry";
import { MIB } from "@muster/model/units";
import { z } from "zod";
import { completeSetup, scriptClient } from "../account.ts";
import { createVpss, heardNodes, jobEnded } from "../fleet-of.ts";
import { startProduct } from "../product.ts";
import type { BenchResult } from "./bench.ts";
import { quantile, rounded } from "./quantile.ts";

const ROUNDS = 12;
const CHANGES = 100;
const LAPS = 3;
const LOOK_EVERY_MS = 3;

/** Two values of each limit, to and fro; figures that the kernel holds without rounding. */
const VALUES: { [Name in LimitName]: readonly [LimitsChange, LimitsChange] } = {
  "cpu.cores": [{ "cpu.cores": 1 }, { "cpu.cores": 1.5 }],
  "cpu.weight": [{ "cpu.weight": 100 }, { "cpu.weight": 400 }],
  "cpu.pinning": [{ "cpu.pinning": [0] }, { "cpu.pinning": [1] }],
  "memory.max": [{ "memory.max": 128 * MIB }, { "memory.max": 256 * MIB }],
  "memory.swap": [{ "memory.swap": 64 * MIB }, { "memory.swap": 128 * MIB }],
  "disk.max": [{ "disk.max": 512 * MIB }, { "disk.max": 768 * MIB }],
  "nic.egress": [{ "nic.egress": 100_000_000 }, { "nic.egress": 200_000_000 }],
  "nic.ingress": [{ "nic.ingress": 100_000_000 }, { "nic.ingress": 200_000_000 }],
  "io.read.bytes": [{ "io.read.bytes": 64 * MIB }, { "io.read.bytes": 128 * MIB }],
  "io.read.operations": [{ "io.read.operations": 1000 }, { "io.read.operations": 2000 }],
  "io.write.bytes": [{ "io.write.bytes": 64 * MIB }, { "io.write.bytes": 128 * MIB }],
  "io.write.operations": [{ "io.write.operations": 1000 }, { "io.write.operations": 2000 }],
  "pids.max": [{ "pids.max": 200 }, { "pids.max": 400 }],
};

interface Subject {
  client: MusterClient;
  vpsId: string;
}

/** ms until the node has read it back from its kernel: the job, and one look. */
async function change({ client, vpsId }: Subject, limits: LimitsChange): Promise<number> {
  const began = performance.now();
  const { jobId } = await client.vps.setLimits.mutate({ vpsId, limits });
  while ((await client.jobs.get.query({ jobId })).endedAt === null) await sleep(LOOK_EVERY_MS);
  const names = LIMIT_NAMES.filter((name) => limits[name] !== undefined);
  const held = await client.vps.readLimits.query({ vpsId, names });
  const tookMs = performance.now() - began;
  await jobEnded(client, jobId); // which throws where it did not succeed
  const differs = LIMIT_NAMES.find(
    (name) => limits[name] !== undefined && JSON.stringify(held[name]) !== JSON.stringify(limits[name]),
  );
  if (differs !== undefined) throw new Error(`${differs} is ${JSON.stringify(held[differs])}, not as it was asked for`);
  return tookMs;
}

/** The p50 of each limit. */
async function timeEach(subject: Subject, names: readonly LimitName[]): Promise<Map<LimitName, number>> {
  const medians = new Map<LimitName, number>();
  for (const name of names) {
    const took: number[] = [];
    await change(subject, VALUES[name][1]); // the first makes what later ones only change; it is not counted
    for (let round = 0; round < ROUNDS; round += 1)
      took.push(await change(subject, VALUES[name][round % 2 === 0 ? 0 : 1]));
    const median = quantile(took, 0.5);
    medians.set(name, median);
    process.stderr.write(
      `limits ${name}: p50 ${rounded(median)} ms (${rounded(Math.min(...took))} to ${rounded(Math.max(...took))})\n`,
    );
  }
  return medians;
}

/** The trial client of the agent's own effect tests, as a program: it asks, and tells its longest gap. */
const CLIENT = fileURLToPath(new URL("../../packages/node-agent/native/build/steady-client", import.meta.url));
const KEPT_PORT = 7000;
const KEPT_SERVER = `end=$(printf '\\r')
while read -r line; do
  [ "$line" = "$end" ] && printf 'HTTP/1.1 200 OK\\r\\nContent-Length: 6\\r\\n\\r\\nsteady'
done`;
const visitorSchema = z.object({
  ...{ answers: z.number(), failures: z.number(), longestGapMs: z.number(), ownGapMs: z.number() },
});
const lapSchema = z.object({ kept: visitorSchema, fresh: visitorSchema });
type Lap = z.infer<typeof lapSchema>;

async function startClient({ client, vpsId }: Subject, address: string) {
  const serve = `cat > /bin/kept <<'END'\n#!/bin/sh\n${KEPT_SERVER}\nEND\nchmod +x /bin/kept
setsid nc -ll -p ${KEPT_PORT} -e /bin/kept > /dev/null 2>&1 < /dev/null &`;
  const served = await client.vps.exec.mutate({ vpsId, argv: ["sh", "-c", serve], timeoutMs: 10_000 });
  if (served.exitCode !== 0) throw new Error(`the guest's server did not start: ${served.stderr}`);
  const child = spawn(CLIENT, [address, String(KEPT_PORT)], { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout });
  const lap = async (): Promise<Lap> => {
    child.stdin.write("\n");
    const [line] = await once(lines, "line", { signal: AbortSignal.timeout(10_000) });
    return lapSchema.parse(JSON.parse(String(line)));
  };
  while ((await lap()).kept.answers === 0) await sleep(50);
  await lap();
  return { lap, end: () => child.stdin.end() };
}

const longest = ({ kept, fresh }: Lap, gap: "longestGapMs" | "ownGapMs") => Math.max(kept[gap], fresh[gap]);

interface Gaps {
  ownMs: number;
  wholeMs: number;
}

interface Watched extends Gaps {
  /** Of the same client, while nothing is changed for as long. */
  idle: Gaps;
  failures: number;
}

const gapsOf = (lap: Lap): Gaps => ({ ownMs: longest(lap, "ownGapMs"), wholeMs: longest(lap, "longestGapMs") });
const inWords = ({ ownMs, wholeMs }: Gaps) => `${rounded(ownMs)} ms (${rounded(wholeMs)} with stolen time)`;

async function watchChanges(subject: Subject, address: string, names: readonly LimitName[]): Promise<Watched[]> {
  const visitor = await startClient(subject, address);
  const watched: Watched[] = [];
  try {
    for (let lap = 1; lap <= LAPS; lap += 1) {
      const began = performance.now();
      for (let count = (lap - 1) * CHANGES; count < lap * CHANGES; count += 1) {
        const name = names[count % names.length];
        const turn = Math.floor(count / names.length) % 2 === 0 ? 0 : 1;
        if (name !== undefined) await change(subject, VALUES[name][turn]);
      }
      const changing = await visitor.lap();
      await sleep(performance.now() - began);
      const idle = await visitor.lap();
      const one = {
        ...gapsOf(changing),
        idle: gapsOf(idle),
        failures: changing.kept.failures + changing.fresh.failures,
      };
      watched.push(one);
      process.stderr.write(
        `limits ${lap}/${LAPS}: ${CHANGES} changes, longest gap ${inWords(one)}, ${inWords(one.idle)} without changes\n`,
      );
    }
    return watched;
  } finally {
    visitor.end();
  }
}

export async function measure(): Promise<BenchResult> {
  const product = await startProduct({ name: "limits", port: 9200, network: "10.91.2.0/24" });
  try {
    await completeSetup(product);
    const client = await scriptClient(product);
    const [node] = await heardNodes(client);
    if (node === undefined || node.simulated) throw new Error("this host cannot run VPSs: see doctor");
    const [vpsId = ""] = await createVpss(client, ["bench-limits"]);
    const { limits } = (await client.nodes.get.query({ nodeId: node.id })).inventory ?? { limits: [] };
    for (const { name, detail } of limits.filter(({ available }) => !available))
      process.stderr.write(`limits ${name}: not on this node: ${detail}\n`);
    const names = LIMIT_NAMES.filter((name) => limits.some((found) => found.name === name && found.available));
    const medians = await timeEach({ client, vpsId }, names);
    const { address } = (await client.vps.get.query({ vpsId })).spec;
    const watched = await watchChanges({ client, vpsId }, address, names);
    const worst = (figure: (lap: Watched) => number) => rounded(Math.max(...watched.map(figure)));
    return {
      figures: {
        worstLimitP50Ms: rounded(Math.max(...medians.values())),
        longestGapMs: worst(({ ownMs }) => ownMs),
        longestGapWithStolenTimeMs: worst(({ wholeMs }) => wholeMs),
        longestGapIdleMs: worst(({ idle }) => idle.ownMs),
        longestGapIdleWithStolenTimeMs: worst(({ idle }) => idle.wholeMs),
        failedRequests: worst(({ failures }) => failures),
        limits: names.length,
      },
      thresholds: { worstLimitP50Ms: 150, longestGapMs: 20, failedRequests: 0 },
    };
  } finally {
    await product.end();
  }
}
