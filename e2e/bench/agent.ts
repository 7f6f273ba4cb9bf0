/**
 * What the agent itself costs with 20 running VPSs sampled at 1 Hz: CPU over a minute from /proc/PID/stat of
 * the agent's process alone (its helpers' time included once they are reaped: cutime, cstime), and its RSS.
 */
import { readdir, readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { completeSetup, scriptClient } from "../account.ts";
import { createVpss, heardNodes, jobEnded } from "../fleet-of.ts";
import { type Product, startProduct } from "../product.ts";
import type { BenchResult } from "./bench.ts";
import { quantile, rounded } from "./quantile.ts";

const VPS_COUNT = 20;
const WINDOWS = 6;
const WINDOW_MS = 10_000;
const TICKS_PER_SECOND = 100; // USER_HZ; fixed by the kernel's ABI on x86 and arm64

async function agentPid(product: Product): Promise<number> {
  for (const entry of await readdir("/proc")) {
    if (!/^[0-9]+$/.test(entry)) continue;
    const [command, environment] = await Promise.all(
      ["cmdline", "environ"].map((file) => readFile(`/proc/${entry}/${file}`, "utf8").catch(() => "")),
    );
    const isAgent = command?.includes("apps/agent/src/main.ts") ?? false;
    if (isAgent && environment?.includes(`MUSTER_DATA_DIR=${product.dataDir}`)) return Number(entry);
  }
  throw new Error("the agent's process was not found");
}

async function cpuTicks(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8");
  // Fields after the command name, which may hold spaces: utime is the 14th, then stime, cutime, cstime (man 5 proc_pid_stat).
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
}

async function rssMb(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return (Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) * 1024) / 1_000_000;
}

async function windows(pid: number): Promise<{ cpu: number[]; rss: number[] }> {
  const cpu: number[] = [];
  const rss: number[] = [];
  for (let index = 0; index < WINDOWS; index += 1) {
    const [ticks, at] = [await cpuTicks(pid), performance.now()];
    await sleep(WINDOW_MS);
    const percent = (((await cpuTicks(pid)) - ticks) / TICKS_PER_SECOND / ((performance.now() - at) / 1000)) * 100;
    cpu.push(percent);
    rss.push(await rssMb(pid));
    process.stderr.write(
      `agent ${index + 1}/${WINDOWS}: ${rounded(percent)} % of a core, ${rounded(rss.at(-1) ?? 0)} MB\n`,
    );
  }
  return { cpu, rss };
}

export async function measure(): Promise<BenchResult> {
  const product = await startProduct({ name: "bench", port: 19_100, network: "10.87.1.0/24" });
  try {
    await completeSetup(product);
    const client = await scriptClient(product);
    const [node] = await heardNodes(client);
    if (node === undefined || node.simulated) throw new Error("this host cannot run VPSs: see doctor");
    const made = await createVpss(
      client,
      Array.from({ length: VPS_COUNT }, (_, index) => `load-${index}`),
    );
    await sleep(5_000); // the last create's own work is not the agent's steady cost
    const { cpu, rss } = await windows(await agentPid(product));
    for (const vpsId of made) {
      await jobEnded(client, (await client.vps.delete.mutate({ vpsId })).jobId);
    }
    return {
      figures: {
        vps: made.length,
        cpuPercentOfCore: rounded(quantile(cpu, 0.5)),
        cpuPercentOfCoreMax: rounded(Math.max(...cpu)),
        rssMb: rounded(Math.max(...rss)),
      },
      thresholds: { cpuPercentOfCore: 2, rssMb: 120 },
    };
  } finally {
    await product.end();
  }
}
