/** Processes that people and scripts start inside running VPSs: single commands, and terminals with their limits. */
import { randomBytes } from "node:crypto";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { OpenTerminal } from "@muster/agent-api/agent";
import { MusterError } from "@muster/model/errors";
import type { Console } from "../agent.ts";
import { startPiped } from "../engine/exec.ts";
import { NATIVE_PATH } from "../engine/native.ts";
import { execInVps } from "./exec.ts";
import { openSession, type Session } from "./session.ts";

export interface ConsoleParts {
  runcRoot: string;
  /** For sockets and pid files; emptied at the start. A socket's path may have 107 characters (man 7 unix). */
  directory: string;
}

export interface OpenConsole extends Console {
  /** Hangs every terminal up. */
  shutDown(): Promise<void>;
}

const TERMINALS_MAX = 8;
const EXECS_MAX = 8;
/** Nobody typed, nobody watched. */
const IDLE_MS = 3_600_000;
const IDLE_CHECK_MS = 60_000;
/** After its exit a terminal can still be read: a page that was reloaded shows how it ended. */
const ENDED_KEPT_MS = 60_000;

/** A login shell, the better one where there is one. Nothing that a user typed is in it. */
const SHELL = ["/bin/sh", "-c", "cd; if [ -x /bin/bash ]; then exec /bin/bash -l; fi; exec /bin/sh -l"];

/** A terminal ends by the end of its stdin, which the helper understands; it is never killed from here. */
const never = new AbortController().signal;

export async function openConsole({ runcRoot, directory }: ConsoleParts): Promise<OpenConsole> {
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const sessions = new Map<string, Session>();
  const opening = new Map<string, number>();
  const execs = new Map<string, number>();

  const sweep = setInterval(() => {
    for (const session of sessions.values()) {
      if (performance.now() - session.usedAtMs() > IDLE_MS) session.close();
    }
  }, IDLE_CHECK_MS);
  sweep.unref();

  const sessionOf = (terminalId: string): Session => {
    const session = sessions.get(terminalId);
    if (session?.isOpen() !== true) throw gone();
    return session;
  };

  const open = async (input: OpenTerminal): Promise<string> => {
    const terminalId = randomBytes(16).toString("hex");
    const place = join(directory, terminalId);
    await mkdir(place, { mode: 0o700 });
    const child = startPiped({ program: NATIVE_PATH, args: ptyArguments({ runcRoot, place, input }) }, never);
    const session = await openSession(child, input).finally(() => rm(place, { recursive: true, force: true }));
    sessions.set(terminalId, session);
    void session.ended.then(() => setTimeout(() => sessions.delete(terminalId), ENDED_KEPT_MS).unref());
    return terminalId;
  };

  return {
    exec: (input, signal) =>
      limited({ vpsId: input.vpsId, starting: execs, running: 0, max: EXECS_MAX, what: "commands at work" }, () =>
        execInVps({ runcRoot, directory, name: randomBytes(8).toString("hex") }, input, signal),
      ),
    open: async (input) => {
      const running = [...sessions.values()].filter((each) => each.vpsId === input.vpsId && each.isOpen()).length;
      const limit = { vpsId: input.vpsId, starting: opening, running, max: TERMINALS_MAX, what: "terminals open" };
      return { terminalId: await limited(limit, () => open(input)) };
    },
    write: async ({ terminalId, data }) => sessionOf(terminalId).write(data),
    resize: async ({ terminalId, columns, rows }) => sessionOf(terminalId).resize(columns, rows),
    close: async (terminalId) => sessions.get(terminalId)?.close(),
    output: ({ terminalId, afterSeq }, signal) => {
      const session = sessions.get(terminalId);
      if (session === undefined) throw gone();
      return session.output(afterSeq, signal);
    },
    shutDown: async () => {
      clearInterval(sweep);
      for (const session of sessions.values()) session.close();
      await Promise.all([...sessions.values()].map(({ ended }) => ended));
    },
  };
}

const gone = () => new MusterError("not_found", "There is no such terminal any more.");

function ptyArguments(parts: { runcRoot: string; place: string; input: OpenTerminal }): string[] {
  const { runcRoot, place, input } = parts;
  const files = ["--console-socket", join(place, "socket"), "--pid-file", join(place, "pid")];
  const runc = ["runc", "--root", runcRoot, "exec", "--detach", "--tty", ...files, "--env", "TERM=xterm-256color"];
  return ["pty", String(input.columns), String(input.rows), place, ...runc, input.vpsId, ...SHELL];
}

interface Limit {
  vpsId: string;
  /** How many are being started in each VPS. */
  starting: Map<string, number>;
  /** Besides those that are being started. */
  running: number;
  max: number;
  what: string;
}

async function limited<T>(limit: Limit, work: () => Promise<T>): Promise<T> {
  const { vpsId, starting } = limit;
  const now = starting.get(vpsId) ?? 0;
  if (now + limit.running >= limit.max) {
    throw new MusterError("overloaded", `The VPS already has ${limit.max} ${limit.what}.`);
  }
  starting.set(vpsId, now + 1);
  try {
    return await work();
  } finally {
    const left = (starting.get(vpsId) ?? 1) - 1;
    if (left === 0) starting.delete(vpsId);
    else starting.set(vpsId, left);
  }
}
