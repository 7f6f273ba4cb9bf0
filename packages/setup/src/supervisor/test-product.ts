/** The whole product, started as `npm start` starts it, on a data directory and ports of its own: for tests. */
import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";

const RUN = resolve(import.meta.dirname, "../run.ts");
const START_MS = 60_000;

export interface Started {
  child: ChildProcess;
  output(): string;
  ended: Promise<number | null>;
}

export interface TestProduct {
  start(environment?: Record<string, string>, ...args: string[]): Started;
  /** Its processes by name, as the supervisor has written them down. */
  recorded(): { name: string; pid: number }[];
  /** Whatever was started and still runs. */
  kill(): void;
}

export function productOn(dataDir: string, port: number): TestProduct {
  const started: ChildProcess[] = [];
  const listen = (offset: number) => `127.0.0.1:${port + offset}`;
  return {
    start(environment = {}, ...args) {
      const child = spawn(process.execPath, [RUN, ...args], {
        stdio: ["ignore", "pipe", "pipe"],
        env: {
          PATH: process.env["PATH"],
          HOME: process.env["HOME"],
          MUSTER_DATA_DIR: dataDir,
          MUSTER_CONSOLE_LISTEN: listen(0),
          MUSTER_SERVER_LISTEN: listen(1),
          MUSTER_ENROL_LISTEN: listen(2),
          MUSTER_AGENT_LISTEN: listen(10),
          MUSTER_DATABASE_PORT: String(port + 4),
          ...environment,
        },
      });
      started.push(child);
      let output = "";
      for (const stream of [child.stdout, child.stderr]) stream?.on("data", (chunk) => (output += String(chunk)));
      const ended = new Promise<number | null>((done) => child.once("exit", done));
      return { child, output: () => output, ended };
    },
    recorded() {
      try {
        return recordSchema.parse(JSON.parse(readFileSync(join(dataDir, "supervisor.children.json"), "utf8")));
      } catch {
        return []; // never started
      }
    },
    kill() {
      for (const child of started.splice(0)) child.kill("SIGKILL");
    },
  };
}

const recordSchema = z.array(z.object({ name: z.string(), pid: z.number() }));

export async function addressOf(product: Started): Promise<string> {
  const deadline = Date.now() + START_MS;
  while (Date.now() < deadline) {
    const [, address] = /Open (http:\S+)/.exec(product.output()) ?? [];
    if (address !== undefined) return address;
    if (product.child.exitCode !== null) break;
    await sleep(50);
  }
  throw new Error(`it did not start:\n${product.output()}`);
}

export function statusOf(pid: number): string | null {
  try {
    return readFileSync(`/proc/${pid}/status`, "utf8");
  } catch {
    return null;
  }
}

export async function untilGone(processes: { name: string; pid: number }[]): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (processes.some(({ pid }) => statusOf(pid) !== null)) {
    if (Date.now() > deadline) throw new Error(`still there: ${JSON.stringify(processes)}`);
    await sleep(50);
  }
}
