/** VPSs to look at, made through the API as a script makes them. */
import type { MusterClient } from "@muster/client";
import { MIB } from "@muster/model/units";

const HEARD_WITHIN_MS = 30_000;

/** Creates one VPS per name, spread over the nodes in turn, and returns their ids when every job has ended. */
export async function createVpss(client: MusterClient, names: readonly string[]): Promise<string[]> {
  const nodes = await heardNodes(client);
  const jobs: string[] = [];
  const made: string[] = [];
  for (const [index, name] of names.entries()) {
    const node = nodes[index % nodes.length];
    if (node === undefined) throw new Error("no node has joined");
    const { address } = await client.vps.suggestAddress.query({ nodeId: node.id });
    if (address === null) throw new Error(`the network of ${node.name} is full`);
    const { jobId, vpsId } = await client.vps.create.mutate({
      nodeId: node.id,
      spec: {
        name,
        template: "busybox",
        address,
        limits: {
          "cpu.cores": 1 + (index % 4),
          "memory.max": (64 << (index % 4)) * MIB,
          "disk.max": 512 * MIB,
          "pids.max": 256,
        },
      },
    });
    jobs.push(jobId);
    made.push(vpsId);
  }
  for (const jobId of jobs) await jobEnded(client, jobId);
  return made;
}

/** All nodes, once each has been heard: one that has only just joined takes no VPS yet. */
export async function heardNodes(client: MusterClient) {
  for (const deadline = Date.now() + HEARD_WITHIN_MS; ; ) {
    const { items } = await client.nodes.list.query();
    if (items.length > 0 && items.every((node) => node.health === "healthy")) return items;
    if (Date.now() > deadline) throw new Error(`not heard: ${items.map(({ name, health }) => `${name} ${health}`)}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** The job when it has ended; throws with its own sentence where it did not succeed. */
export async function jobEnded(client: MusterClient, jobId: string) {
  for (;;) {
    const job = await client.jobs.get.query({ jobId });
    if (job.endedAt !== null) {
      if (job.state !== "succeeded") throw new Error(`job ${jobId} ${job.state}: ${job.error?.message}`);
      return job;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
