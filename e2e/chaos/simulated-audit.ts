/** What the simulated nodes' machines hold, read from their own disk and not from their agents. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { Cluster } from "../cluster/cluster.ts";
import type { FleetVps } from "./history.ts";

/** Of packages/agent-sim's world.json, what is held against the books. */
const worldSchema = z.object({
  areas: z.record(z.string(), z.unknown()),
  runs: z.array(z.object({ vpsId: z.string(), endsAtMs: z.number().nullable(), cleared: z.boolean() })),
});

interface Machine {
  areas: string[];
  running: string[];
}

async function machines({ dataDir }: Cluster): Promise<Machine[]> {
  const folder = join(dataDir, "simulated/agent/simulated");
  const names = await readdir(folder);
  return await Promise.all(
    names.map(async (name) => {
      const text = await readFile(join(folder, name, "state/world.json"), "utf8");
      const { areas, runs } = worldSchema.parse(JSON.parse(text));
      const running = runs.filter(({ cleared, endsAtMs }) => !cleared && (endsAtMs === null || endsAtMs > Date.now()));
      return { areas: Object.keys(areas), running: running.map(({ vpsId }) => vpsId) };
    }),
  );
}

export async function simulatedFindings(cluster: Cluster, vpss: readonly FleetVps[]): Promise<string[]> {
  const all = await machines(cluster);
  const books = vpss.filter(({ simulated }) => simulated);
  const ids = (some: readonly FleetVps[]) => some.map(({ id }) => id);
  return [
    ...differences("an area on a simulated node", { books: ids(books), nodes: all.flatMap(({ areas }) => areas) }),
    ...differences("a run on a simulated node", {
      books: ids(books.filter(({ state }) => state === "running")),
      nodes: all.flatMap(({ running }) => running),
    }),
  ];
}

/** What is in one and not in the other, and what is in it twice. */
export function differences(what: string, { books, nodes }: { books: string[]; nodes: string[] }): string[] {
  return [
    ...books.filter((id) => !nodes.includes(id)).map((id) => `VPS ${id} should have ${what}, and has none`),
    ...nodes.filter((id) => !books.includes(id)).map((id) => `VPS ${id} has ${what}, and should have none`),
    ...nodes.filter((id, index) => nodes.indexOf(id) !== index).map((id) => `VPS ${id} has ${what} twice`),
  ];
}
