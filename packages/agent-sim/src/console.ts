/** Commands and terminals in the guests of a simulated node. They end with the run that they belong to, as real ones do. */
import { randomBytes } from "node:crypto";
import type { Exec, ExecResult } from "@muster/agent-api/agent";
import { MusterError } from "@muster/model/errors";
import type { Console } from "@muster/node-agent/agent";
import type { Clock, VpsPlan } from "@muster/node-agent/engine/ports";
import { writeTo } from "./area.ts";
import { type Answer, run } from "./guest.ts";
import { type Machine, TAKES_MS } from "./machine.ts";
import { createTerminal, type Terminal } from "./terminal.ts";
import type { World } from "./world.ts";

const MOST_TERMINALS = 8;
const OUTPUT_LIMIT = 1024 * 1024;

/** The outcome of what may take longer than its caller waits. */
async function within(
  clock: Clock,
  takesMs: number,
  limits: { timeoutMs: number; signal: AbortSignal },
): Promise<void> {
  if (takesMs <= limits.timeoutMs) return clock.sleep(takesMs, limits.signal);
  await clock.sleep(limits.timeoutMs, limits.signal);
  throw new MusterError("deadline_exceeded", `The command did not end within ${limits.timeoutMs} ms and was killed.`);
}

export interface ConsoleFacts {
  world: World;
  machine: Machine;
  planOf(vpsId: string): VpsPlan;
}

export function createConsole({ world, machine, planOf }: ConsoleFacts): Console {
  const terminals = new Map<string, Terminal>();

  function terminalOf(terminalId: string): Terminal {
    const terminal = terminals.get(terminalId);
    if (terminal === undefined) throw new MusterError("not_found", "The terminal is closed.");
    return terminal;
  }

  world.onCleared((vpsId) => {
    for (const terminal of terminals.values()) {
      if (terminal.vpsId === vpsId) terminal.end(null);
    }
  });

  function written(vpsId: string, answer: Answer): Answer {
    const area = world.state.areas[vpsId];
    if (area === undefined || answer.writesBytes === undefined) return answer;
    const fits = writeTo(vpsId, area, answer.writesBytes);
    world.save();
    return fits ? answer : { ...answer, exitCode: 1, stderr: "dd: write error: Disk quota exceeded\n" };
  }

  async function exec({ vpsId, argv, timeoutMs }: Exec, signal: AbortSignal): Promise<ExecResult> {
    const { exitCode, stdout, stderr, takesMs } = written(vpsId, run(argv, planOf(vpsId)));
    await machine.work(TAKES_MS.exec, signal);
    if (takesMs > 0) await within(machine.clock, takesMs, { timeoutMs, signal });
    return {
      exitCode,
      stdout: stdout.slice(0, OUTPUT_LIMIT),
      stderr: stderr.slice(0, OUTPUT_LIMIT),
      truncated: stdout.length > OUTPUT_LIMIT || stderr.length > OUTPUT_LIMIT,
    };
  }

  return {
    exec,
    open: async ({ vpsId }) => {
      const open = [...terminals.values()].filter((terminal) => terminal.vpsId === vpsId && terminal.open);
      if (open.length >= MOST_TERMINALS) {
        throw new MusterError("overloaded", `The VPS has ${MOST_TERMINALS} terminals open already; close one.`);
      }
      await machine.work(TAKES_MS.exec);
      const terminalId = randomBytes(16).toString("hex");
      terminals.set(terminalId, createTerminal(planOf(vpsId)));
      return { terminalId };
    },
    write: async ({ terminalId, data }) => terminalOf(terminalId).write(data),
    resize: async ({ terminalId }) => {
      terminalOf(terminalId);
    },
    close: async (terminalId) => {
      terminals.get(terminalId)?.end(null);
      terminals.delete(terminalId);
    },
    output: ({ terminalId, afterSeq }, signal) => terminalOf(terminalId).output(afterSeq, signal),
  };
}
