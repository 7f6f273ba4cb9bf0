/**
 * Containers by runc. runc is started once per start of a VPS and not again: what it wrote (its state, the cgroups)
 * is read and cleared away from here, which saves 25 ms of Go start-up at every stop, delete and look.
 */
import { existsSync } from "node:fs";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { MusterError } from "@muster/model/errors";
import type { VpsId } from "@muster/model/ids";
import { z } from "zod";
import { CRIU_CONFIG, ociConfig } from "./bundle.ts";
import type { HostCgroups } from "./cgroups.ts";
import { run, runOk } from "./exec.ts";
import type { Guard } from "./guard.ts";
import { INIT_RULES } from "./guest-init.ts";
import type { Layout } from "./layout.ts";
import { NATIVE_PATH, native } from "./native.ts";
import type { Clock, ContainerState, Containers, RunningInit, VpsPlan } from "./ports.ts";
import { openFilesMax, readProcess, startedAtMs } from "./proc.ts";
import { ifbExists, ifbOf } from "./shaping.ts";

const START_TIMEOUT_MS = 30_000;
const ASK_TIMEOUT_MS = 10_000;
/** A killed pid namespace of a busy systemd takes some 50 ms to end; ten seconds mean that the kernel holds it. */
const END_TRIES = 2000;
const END_STEP_MS = 5;

/** Of runc's state.json, which it keeps for every container (libcontainer/container.go, BaseState). */
const stateSchema = z.object({ init_process_pid: z.number().int(), init_process_start: z.number().int() });
const logLineSchema = z.object({ level: z.string(), msg: z.string() });

export interface RuncParts {
  layout: Layout;
  cgroups: HostCgroups;
  clock: Clock;
  guard: Guard;
  bridge: { bridge: string; network: string; gateway: string };
}

interface Init {
  pid: number;
  startTicks: number;
}

export function openRunc({ layout, cgroups, clock, guard, bridge }: RuncParts): Containers {
  const known = new Map<VpsId, Init>();
  const filesMax = openFilesMax();
  const stateDir = (vpsId: VpsId) => join(layout.runcRoot, vpsId);

  async function readInit(vpsId: VpsId): Promise<Init | null> {
    // While this fifo stands, what will become the init still waits to be told to begin.
    if (existsSync(join(stateDir(vpsId), "exec.fifo"))) return null;
    const text = await readFile(join(stateDir(vpsId), "state.json"), "utf8").catch(() => null);
    if (text === null) return null;
    const state = stateSchema.safeParse(JSON.parse(text));
    if (!state.success) return null;
    return { pid: state.data.init_process_pid, startTicks: state.data.init_process_start };
  }

  /** The init that was known, or the one that runc has written down since: a restore makes a new one. */
  async function livingInit(vpsId: VpsId): Promise<Init | null> {
    const before = known.get(vpsId);
    if (before !== undefined && isAlive(before)) return before;
    const now = await readInit(vpsId);
    return now !== null && isAlive(now) ? now : null;
  }

  async function inspect(vpsId: VpsId): Promise<ContainerState> {
    const init = await livingInit(vpsId);
    if (init !== null) {
      known.set(vpsId, init);
      return { state: "running", pid: init.pid, startedAtMs: startedAtMs(init.startTicks) };
    }
    known.delete(vpsId);
    const left = existsSync(stateDir(vpsId)) || cgroups.exists(vpsId) || linkExists(vpsId) || ifbExists(vpsId);
    return { state: left ? "half" : "absent" };
  }

  async function mustBeRunning(vpsId: VpsId, logFile: string): Promise<RunningInit> {
    const found = await inspect(vpsId);
    if (found.state === "running") return found;
    throw new MusterError("engine_failed", "The guest's init ended at once.", { cause: await lastError(logFile) });
  }

  return {
    inspect,
    start: async (plan, signal) => {
      const { vpsId } = plan;
      const bundle = layout.bundleDir(vpsId);
      const logFile = join(bundle, "runc.log");
      const criuConfig = join(bundle, "criu.conf");
      const place = cgroups.place(plan);
      const config = ociConfig(plan, {
        ...bridge,
        rootfs: layout.rootfs(vpsId),
        criuConfig,
        nativePath: NATIVE_PATH,
        cgroup: place,
        openFilesMax: filesMax,
      });
      await mkdir(bundle, { recursive: true, mode: 0o700 });
      await mkdir(layout.runcRoot, { recursive: true, mode: 0o700 });
      await Promise.all([
        writeFile(join(bundle, "config.json"), JSON.stringify(config), { mode: 0o600 }),
        writeFile(criuConfig, CRIU_CONFIG, { mode: 0o600 }),
        rm(logFile, { force: true }),
      ]);
      const runc = ["runc", "--root", layout.runcRoot, "--log", logFile, "--log-format", "json"];
      const running = run({
        program: NATIVE_PATH,
        args: ["run", place.startIn ?? "-", ...runc, "run", "--detach", "--bundle", bundle, vpsId],
        timeoutMs: START_TIMEOUT_MS,
        signal,
        detachedOutput: true,
      });
      // Beside runc, which takes 45 ms to come to the guest's init; this takes 8 on an idle core.
      // Both to their end: what is cleared away after a failure must not be under construction still.
      const [ran, permitted] = await Promise.allSettled([running, guard.permit(plan)]);
      if (permitted.status === "rejected") throw permitted.reason;
      if (ran.status === "rejected") throw ran.reason;
      const outcome = ran.value;
      if (outcome.exitCode !== 0) {
        throw new MusterError("engine_failed", "The VPS could not be started.", { cause: await lastError(logFile) });
      }
      return mustBeRunning(vpsId, logFile);
    },
    askToStop: async (plan) => ask(plan, known.get(plan.vpsId), layout.runcRoot),
    rename: async ({ vpsId, hostname }) => {
      const init = await livingInit(vpsId);
      if (init === null) throw new MusterError("state_conflict", "The VPS does not run.");
      await native(["host-name", String(init.pid), hostname]);
    },
    remove: async (vpsId) => {
      const init = await livingInit(vpsId);
      if (init !== null) await end(init, clock);
      known.delete(vpsId);
      await cgroups.remove(vpsId);
      if (linkExists(vpsId)) await native(["link-delete", vpsId]);
      // Nobody's peer: it does not go with the VPS's network namespace, as the veth does.
      if (ifbExists(vpsId)) await native(["link-delete", ifbOf(vpsId)]);
      // A bundle is the sign of a run; it goes last.
      if (existsSync(layout.bundleDir(vpsId))) await guard.forget(vpsId);
      await rm(stateDir(vpsId), { recursive: true, force: true });
      await rm(layout.bundleDir(vpsId), { recursive: true, force: true });
    },
  };
}

function isAlive({ pid, startTicks }: Init): boolean {
  const found = readProcess(pid);
  return found?.alive === true && found.startTicks === startTicks;
}

/** The host's end of the VPS's link is named like the VPS. */
function linkExists(vpsId: VpsId): boolean {
  return existsSync(`/sys/class/net/${vpsId}`);
}

async function ask(plan: VpsPlan, init: Init | undefined, runcRoot: string): Promise<void> {
  const { stop } = INIT_RULES[plan.init];
  if ("signal" in stop) {
    if (init !== undefined && isAlive(init)) kill(init.pid, stop.signal);
    return;
  }
  await runOk({
    program: "runc",
    args: ["--root", runcRoot, "exec", plan.vpsId, ...stop.argv],
    timeoutMs: ASK_TIMEOUT_MS,
  });
}

function kill(pid: number, signal: number | "SIGKILL"): void {
  try {
    process.kill(pid, signal);
  } catch (_gone) {
    // It ended by itself in this very moment.
  }
}

/** With its pid 1 the kernel ends every other process of a pid namespace. */
async function end(init: Init, clock: Clock): Promise<void> {
  for (let attempt = 0; isAlive(init); attempt += 1) {
    if (attempt >= END_TRIES) throw new MusterError("engine_failed", "The VPS's init does not end.");
    if (attempt === 0) kill(init.pid, "SIGKILL");
    await clock.sleep(END_STEP_MS);
  }
}

/** runc's own words: the last error of its log. */
async function lastError(logFile: string): Promise<Error> {
  const text = await readFile(logFile, "utf8").catch(() => "");
  const errors = text.split("\n").flatMap((line) => {
    const parsed = logLineSchema.safeParse(parseJson(line));
    return parsed.success && ["error", "fatal"].includes(parsed.data.level) ? [parsed.data.msg] : [];
  });
  return new Error(`runc: ${errors.at(-1) ?? "it said nothing"}`);
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch (_notJson) {
    return undefined;
  }
}
