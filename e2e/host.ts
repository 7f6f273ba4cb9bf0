/**
 * What the host itself says of a VPS, asked with the system's own tools and nothing of Muster's: the
 * witness that a test calls when the product says "deleted".
 */
import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { z } from "zod";

const run = promisify(execFile);

/** Standard output of a command. Throws where it fails: a witness that cannot speak is not one that saw nothing. */
async function ask(file: string, ...args: string[]): Promise<string> {
  return (await run(file, args, { timeout: 20_000 })).stdout;
}

async function cgroupsOf(vpsId: string): Promise<string[]> {
  const found: string[] = [];
  const walk = async (folder: string, depth: number): Promise<void> => {
    const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
    for (const entry of entries.filter((candidate) => candidate.isDirectory())) {
      const path = `${folder}/${entry.name}`;
      if (entry.name.includes(vpsId)) found.push(path);
      else if (depth > 0) await walk(path, depth - 1);
    }
  };
  await walk("/sys/fs/cgroup", 4);
  return found;
}

/** What a file of the VPS's cgroup holds: of these names, one for each layout of cgroups, the one that this host has. */
export async function cgroupValue(vpsId: string, ...names: string[]): Promise<string> {
  for (const folder of await cgroupsOf(vpsId)) {
    for (const name of names) {
      const text = await readFile(`${folder}/${name}`, "utf8").catch(() => null); // another controller's folder
      if (text !== null) return text.trim();
    }
  }
  throw new Error(`no cgroup of ${vpsId} has ${names.join(" or ")}`);
}

const queuesSchema = z.array(
  z.object({
    dev: z.string().optional(),
    kind: z.string(),
    options: z.object({ rate: z.number().optional() }).optional(),
  }),
);

/** Bits per second that the queues of the host hold the VPS to, by the name of the interface. */
export async function ratesOf(vpsId: string): Promise<Record<string, number>> {
  const queues = queuesSchema.parse(JSON.parse(await ask("tc", "-j", "qdisc", "show")));
  const rates = queues.flatMap(({ dev = "", options }): [string, number][] =>
    dev.includes(vpsId) && options?.rate !== undefined ? [[dev, options.rate * 8]] : [],
  );
  return Object.fromEntries(rates);
}

/**
 * Processes whose cgroup names the VPS: they are what holds its namespaces open. One that has ended and only waits
 * for the host's PID 1 to reap it holds nothing, and how soon that happens is not Muster's to say.
 */
async function processesOf(vpsId: string): Promise<string[]> {
  const pids = (await readdir("/proc")).filter((name) => /^[0-9]+$/.test(name));
  const hits = await Promise.all(
    pids.map(async (pid) => {
      const [cgroup = "", status = ""] = await Promise.all(
        ["cgroup", "status"].map((file) => readFile(`/proc/${pid}/${file}`, "utf8").catch(() => "")), // gone meanwhile
      );
      return cgroup.includes(vpsId) && !/^State:\s+Z/m.test(status) ? pid : null;
    }),
  );
  return hits.filter((pid) => pid !== null);
}

export interface Traces {
  runc: string[];
  interfaces: string[];
  mounts: string[];
  cgroups: string[];
  subvolumes: string[];
  processes: string[];
}

const linesWith = (text: string, word: string): string[] => text.split("\n").filter((line) => line.includes(word));

/** Every trace of a VPS on this host, by its id. All lists are empty when nothing is left. */
export async function tracesOf(vpsId: string, dataDir: string): Promise<Traces> {
  const [runc, links, mounts, subvolumes] = await Promise.all([
    runcList(),
    ask("ip", "-o", "link", "show"),
    readFile("/proc/self/mountinfo", "utf8"),
    ask("btrfs", "subvolume", "list", `${dataDir}/agent/pool`),
  ]);
  return {
    runc: linesWith(runc, vpsId),
    interfaces: linesWith(links, vpsId),
    mounts: linesWith(mounts, vpsId),
    cgroups: await cgroupsOf(vpsId),
    subvolumes: linesWith(subvolumes, vpsId),
    processes: await processesOf(vpsId),
  };
}

export const NO_TRACES: Traces = { runc: [], interfaces: [], mounts: [], cgroups: [], subvolumes: [], processes: [] };

/** `runc list` over every state folder that an agent keeps on this host. */
export async function runcList(): Promise<string> {
  const agents = await readdir("/run/muster").catch(() => []); // no agent has run here since the boot
  const lists = await Promise.all(agents.map((name) => ask("runc", "--root", `/run/muster/${name}/runc`, "list")));
  return lists.join("\n");
}
