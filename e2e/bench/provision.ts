/**
 * From the API call that creates a busybox VPS to the first answer of its web server, 20 times, one VPS at a
 * time, each deleted before the next. The engine's share is what the job's own steps on the node took.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { MusterClient } from "@muster/client";
import { MIB } from "@muster/model/units";
import { completeSetup, scriptClient } from "../account.ts";
import { heardNodes, jobEnded } from "../fleet-of.ts";
import { startProduct } from "../product.ts";
import type { BenchResult } from "./bench.ts";
import { quantile, rounded } from "./quantile.ts";

const ROUNDS = 20;
const ANSWER_WITHIN_MS = 10_000;
const ATTEMPT_MS = 30;
/** Steps that are a call to the agent; the rest is the control plane's. */
const ENGINE_STEPS = new Set(["prepare", "start"]);

async function firstAnswer(address: string): Promise<void> {
  const deadline = performance.now() + ANSWER_WITHIN_MS;
  while (performance.now() < deadline) {
    // A refused or unanswered connection is what we are waiting to see the end of. One that began before the VPS was
    // there waits for ARP and hears nothing for long: it is given up soon, so that it does not hide a ready server.
    const answer = await fetch(`http://${address}/`, { signal: AbortSignal.timeout(ATTEMPT_MS) }).catch(() => null);
    if (answer?.ok) return;
    await sleep(2);
  }
  throw new Error(`no HTTP answer from ${address} within ${ANSWER_WITHIN_MS} ms`);
}

async function round(
  client: MusterClient,
  nodeId: string,
  index: number,
): Promise<{ totalMs: number; engineMs: number }> {
  const { address } = await client.vps.suggestAddress.query({ nodeId });
  if (address === null) throw new Error("the node's network is full");
  const spec = {
    name: `bench-${index}`,
    template: "busybox",
    address,
    limits: { "cpu.cores": 1, "memory.max": 64 * MIB, "disk.max": 64 * MIB, "pids.max": 128 },
  };
  const began = performance.now();
  const { jobId, vpsId } = await client.vps.create.mutate({ nodeId, spec });
  await firstAnswer(address);
  const totalMs = performance.now() - began;
  const job = await jobEnded(client, jobId);
  const engineMs = job.steps
    .filter((step) => ENGINE_STEPS.has(step.name))
    .reduce((sum, step) => sum + Date.parse(step.endedAt ?? "") - Date.parse(step.startedAt ?? ""), 0);
  await jobEnded(client, (await client.vps.delete.mutate({ vpsId })).jobId);
  return { totalMs, engineMs };
}

export async function measure(): Promise<BenchResult> {
  const product = await startProduct({ name: "bench", port: 19_100, network: "10.87.1.0/24" });
  try {
    await completeSetup(product);
    const client = await scriptClient(product);
    const [node] = await heardNodes(client);
    if (node === undefined || node.simulated) throw new Error("this host cannot run VPSs: see doctor");
    await round(client, node.id, 0); // the first one pays for caches and connections; it is not counted
    const totals: number[] = [];
    const engines: number[] = [];
    for (let index = 1; index <= ROUNDS; index += 1) {
      const { totalMs, engineMs } = await round(client, node.id, index);
      process.stderr.write(`provision ${index}/${ROUNDS}: ${rounded(totalMs)} ms, engine ${rounded(engineMs)} ms\n`);
      totals.push(totalMs);
      engines.push(engineMs);
    }
    return {
      figures: {
        apiToHttpP50Ms: rounded(quantile(totals, 0.5)),
        apiToHttpP95Ms: rounded(quantile(totals, 0.95)),
        apiToHttpMinMs: rounded(Math.min(...totals)),
        apiToHttpMaxMs: rounded(Math.max(...totals)),
        engineP50Ms: rounded(quantile(engines, 0.5)),
      },
      thresholds: { apiToHttpP50Ms: 400 },
    };
  } finally {
    await product.end();
  }
}
