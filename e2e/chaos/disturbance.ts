/** Kills what was decided to be killed, with kill -9, and starts it again when that was decided. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Cluster } from "../cluster/cluster.ts";
import type { ClusterProcess } from "../cluster/process.ts";
import { type ChaosRecord, count } from "./record.ts";
import type { PlannedKill, Victim } from "./schedule.ts";

const START_TRIES = 10;

function victimOf(cluster: Cluster, victim: Victim): ClusterProcess | undefined {
  const agent = (simulated: boolean) => cluster.agents.find((one) => one.simulated === simulated)?.process;
  const processes: Record<Victim, ClusterProcess | undefined> = {
    "server 0": cluster.servers[0]?.process,
    "server 1": cluster.servers[1]?.process,
    simulated: agent(true),
    real: agent(false),
    postgres: cluster.database,
  };
  return processes[victim];
}

/** A server that finds no database says so and ends: whoever supervises it starts it again. */
async function startPatiently(process: ClusterProcess): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await process.start();
    } catch (error) {
      await process.kill();
      if (tries === START_TRIES) throw error;
      await sleep(500);
    }
  }
}

export async function disturb(cluster: Cluster, kills: readonly PlannedKill[], record: ChaosRecord): Promise<void> {
  const beganMs = performance.now();
  const down = new Map<Victim, Promise<void>>();
  for (const { atMs, victim, downMs } of kills) {
    await sleep(Math.max(0, beganMs + atMs - performance.now()));
    const process = victimOf(cluster, victim);
    if (process === undefined) continue; // this host cannot be a node
    const before = down.get(victim) ?? Promise.resolve();
    down.set(
      victim,
      before.then(() => strike(process, downMs, record)),
    );
  }
  await Promise.all(down.values());
}

async function strike(process: ClusterProcess, downMs: number, record: ChaosRecord): Promise<void> {
  await process.kill();
  count(record.kills, process.name);
  await sleep(downMs);
  await startPatiently(process);
}
