/** After the storm: everything runs again, every node is heard, and what was begun comes to its end by itself. */
import { setTimeout as sleep } from "node:timers/promises";
import type { MusterClient } from "@muster/client";
import { heardNodes } from "../fleet-of.ts";
import type { Stage } from "./callers.ts";
import { allJobs, allVps } from "./history.ts";

const QUIET_WITHIN_MS = 180_000;
const LOOK_MS = 500;

/** @returns what did not come to rest in time. */
export async function untilQuiet(stage: Stage, client: MusterClient): Promise<string[]> {
  const deadline = performance.now() + QUIET_WITHIN_MS;
  await heardNodes(client);
  await Promise.all(stage.background);
  for (let last: string[] = []; ; await sleep(LOOK_MS)) {
    last = await unrest(client).catch((error: unknown) => [String(error)]);
    if (last.length === 0) return [];
    if (performance.now() > deadline) return last.map((one) => `after ${QUIET_WITHIN_MS / 1000} s of quiet: ${one}`);
  }
}

/** Jobs that have not ended, ends of changes that are still to come, VPSs of which nobody knows. */
async function unrest(client: MusterClient): Promise<string[]> {
  const [active, vpss] = await Promise.all([client.jobs.list.query({ active: true, limit: 50 }), allVps(client)]);
  const jobs = active.items.map(({ id, kind, state, steps }) => {
    const at = steps.find((step) => step.state === "running")?.name;
    return `job ${id} (${kind}) is ${state}${at === undefined ? "" : ` at ${at}`}`;
  });
  const odd = vpss.filter(({ state }) => state !== "running" && state !== "stopped");
  const timed = await Promise.all(vpss.map(({ id: vpsId }) => client.vps.timedChanges.query({ vpsId })));
  const pending = timed.flatMap(({ items }) => items).filter(({ state }) => state === "pending");
  return [
    ...jobs,
    ...odd.map(({ id, state, stateReason }) => `VPS ${id} is ${state}: ${stateReason}`),
    ...pending.map(({ id, vpsName, dueAt }) => `the end of change ${id} of ${vpsName} is due at ${dueAt}`),
  ];
}

/** The cause of a stuck job is over: tried again it must come to its end. */
export async function retryStuck(client: MusterClient): Promise<number> {
  const stuck = (await allJobs(client)).filter(({ state }) => state === "stuck");
  for (const { id: jobId } of stuck) await client.jobs.retry.mutate({ jobId });
  return stuck.length;
}
