/**
 * A server in a process of its own, for the third exam. It asks for the jobs that it is told of and lets each come to its
 * point, where the job waits; when all have arrived, whoever started it kills it, and so every job is left at the very
 * moment that was to be examined.
 */
import { setTimeout as delay } from "node:timers/promises";
import { createFleet } from "@muster/control/create-fleet";
import type { Moment } from "@muster/control/operations/run-job";
import { openDatabase } from "@muster/db/client";
import { MusterError } from "@muster/model/errors";
import { eventually } from "../fleet.ts";
import { createDirector } from "./director.ts";
import { type FromServer, type Task, toServerSchema } from "./doomed-messages.ts";
import { isAt, turnsBack } from "./points.ts";
import { SCENARIOS } from "./scenarios.ts";

const LIFETIME_MS = 120_000;

const tell = (message: FromServer) => process.send?.(message);
const signatures = new Map<number, (certificatePem: string) => void>();
const director = createDirector();
director.begin();

process.on("message", (received) => {
  const message = toServerSchema.parse(received);
  if (message.type === "signed") signatures.get(message.index)?.(message.certificatePem);
  else void serve(message);
});
process.on("disconnect", () => process.exit(1)); // whoever was to kill it is gone
setTimeout(() => process.exit(1), LIFETIME_MS).unref();

interface Orders {
  databaseUrl: string;
  serverId: string;
  credentials: { caPem: string; certificatePem: string; keyPem: string };
  tasks: Task[];
}

async function serve({ databaseUrl, serverId, credentials, tasks }: Orders): Promise<void> {
  const database = openDatabase(databaseUrl);
  const hooks = { aroundStep: director.at };
  const startedAt = new Date().toISOString();
  const fleet = await createFleet({ database, credentials, serverId, hooks, jobSlots: tasks.length * 2 });
  await eventually("every node is heard here", async () => {
    const nodes = await fleet.nodes.list();
    return nodes.every(({ observedAt }) => observedAt !== null && observedAt > startedAt);
  });
  // One after the other: what a person does, and enrolments take turns anyway.
  for (const { index, subject, point } of tasks) {
    try {
      const { jobId } = await SCENARIOS[point.kind].request(fleet, subject, signer(index));
      director.direct(jobId, (moment) => halt(moment, { index, point }));
      tell({ type: "asked", index, jobId });
    } catch (error) {
      tell({ type: "refused", index, reason: String(error) });
    }
  }
}

/** The machine that joins is in the other process. */
const signer = (index: number) => (nodeId: string) =>
  new Promise<string>((resolve) => {
    signatures.set(index, resolve);
    tell({ type: "sign", index, nodeId });
  });

async function halt(moment: Moment, { index, point }: Pick<Task, "index" | "point">): Promise<void> {
  if (isAt(moment, point)) {
    tell({ type: "arrived", index });
    await delay(LIFETIME_MS);
  }
  if (point.direction === "undo" && turnsBack(moment))
    throw new MusterError("engine_failed", "It broke, as the exam asked.");
}
