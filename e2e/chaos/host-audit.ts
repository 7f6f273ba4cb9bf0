/** What this host's own tools say of the real node: processes, interfaces, mounts, cgroups, subvolumes, data, firewall. */
import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Cluster } from "../cluster/cluster.ts";
import { NO_TRACES, type Traces, tracesOf } from "../host.ts";
import type { Stage } from "./callers.ts";
import type { FleetVps } from "./history.ts";
import { MARKER_FILE } from "./markers.ts";
import { differences } from "./simulated-audit.ts";

const run = promisify(execFile);
const VPS_ID = /v[0-9a-z]{10}/g;

async function ask(file: string, ...args: string[]): Promise<string> {
  return (await run(file, args, { timeout: 20_000, maxBuffer: 16 * 1024 ** 2 })).stdout;
}

export async function hostFindings(cluster: Cluster, stage: Stage, vpss: readonly FleetVps[]): Promise<string[]> {
  if (cluster.agents.every(({ simulated }) => simulated)) return [];
  const books = vpss.filter(({ simulated }) => !simulated);
  const pool = join(cluster.dataDir, "agent/pool");
  const subvolumes = await idsIn(await ask("btrfs", "subvolume", "list", pool));
  const findings = [
    ...differences("a subvolume", { books: books.map(({ id }) => id), nodes: subvolumes }),
    ...(await leftoverFindings(cluster, new Set(books.map(({ id }) => id)))),
    ...(await loopFindings(cluster)),
  ];
  for (const vps of books) findings.push(...traceFindings(vps, await tracesOf(vps.id, cluster.dataDir)));
  for (const vps of books)
    findings.push(...(await kernelFindings(vps)), ...(await markerFindings(cluster, stage, vps)));
  return findings;
}

const idsIn = (text: string): string[] => [...new Set(text.match(VPS_ID) ?? [])];

/** A VPS that runs has all of it, one that is stopped only its subvolume and mounts that wait for it. */
function traceFindings({ id, state }: FleetVps, traces: Traces): string[] {
  const must: (keyof Traces)[] = state === "running" ? ["runc", "interfaces", "mounts", "cgroups", "processes"] : [];
  const mustNot: (keyof Traces)[] = state === "running" ? [] : ["interfaces", "processes"];
  return [
    ...must.filter((trace) => traces[trace].length === 0).map((trace) => `VPS ${id} runs and has no ${trace}`),
    ...mustNot.filter((trace) => traces[trace].length > 0).map((trace) => `VPS ${id} is stopped and has ${trace}`),
  ];
}

/** Every id that this node's places name, and the fleet does not. */
async function leftoverFindings({ dataDir }: Cluster, books: ReadonlySet<string>): Promise<string[]> {
  const bridge = `mt-${dataDir.replace(/^.*-/, "")}0`;
  const places: Record<string, string> = {
    "the agent's folder": (await readdir(join(dataDir, "agent/vps")).catch(() => [])).join(" "),
    "the firewall": await ask("nft", "list", "table", "bridge", `muster_${bridge.replace("-", "_")}`).catch(() => ""),
    "the bridge": await ask("ip", "-o", "link", "show", "master", bridge),
  };
  const named = Object.entries(places).flatMap(([place, text]) => idsIn(text).map((id) => ({ place, id })));
  const strays = named.filter(({ id }) => !books.has(id));
  const gone = new Set(strays.map(({ id }) => id));
  const traced = await Promise.all([...gone].map(async (id) => ({ id, traces: await tracesOf(id, dataDir) })));
  return [
    ...strays.map(({ place, id }) => `${place} still has ${id}`),
    ...traced
      .filter(({ traces }) => JSON.stringify(traces) !== JSON.stringify(NO_TRACES))
      .map(({ id, traces }) => `${id} is left: ${JSON.stringify(traces)}`),
  ];
}

async function loopFindings({ dataDir }: Cluster): Promise<string[]> {
  const listed = await ask("losetup", "--list", "--noheadings", "--raw", "--output", "NAME,BACK-FILE");
  const loops = listed.split("\n").filter((line) => line.includes(`${dataDir}/`));
  return loops.length === 1 ? [] : [`the pool has ${loops.length} loop devices: ${loops.join(", ")}`];
}

/** Two limits of which every layout keeps a file of its own. */
async function kernelFindings({ id, state, spec }: FleetVps): Promise<string[]> {
  if (state !== "running") return [];
  const read = async (...paths: string[]) => {
    for (const path of paths) {
      const text = await readFile(path, "utf8").catch(() => null); // the other layout's
      if (text !== null) return Number(text);
    }
    return Number.NaN;
  };
  const root = "/sys/fs/cgroup";
  const held = {
    "memory.max": await read(`${root}/memory/muster/${id}/memory.limit_in_bytes`, `${root}/muster/${id}/memory.max`),
    "pids.max": await read(`${root}/pids/muster/${id}/pids.max`, `${root}/muster/${id}/pids.max`),
  };
  return (["memory.max", "pids.max"] as const)
    .filter((name) => held[name] !== spec.limits[name])
    .map((name) => `${name} of ${id} is ${held[name]} in its cgroup, and should be ${spec.limits[name]}`);
}

async function markerFindings({ dataDir }: Cluster, { record }: Stage, { id }: FleetVps): Promise<string[]> {
  const marker = record.markers.get(id);
  if (marker === undefined) return [];
  const path = join(dataDir, "agent/pool", id, "upper", MARKER_FILE);
  const found = await readFile(path, "utf8").catch((error: unknown) => String(error));
  return found.trim() === marker ? [] : [`the data of VPS ${id} is not what was written into it: ${found}`];
}
