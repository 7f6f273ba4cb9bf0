/** The callers of a run: each does what was decided for it, through one server or the other, and takes no for an answer. */
import { setTimeout as sleep } from "node:timers/promises";
import { type MusterClient, refusalOf } from "@muster/client";
import { type ChaosRecord, count } from "./record.ts";
import { request } from "./requests.ts";
import type { Act, PlannedAct } from "./schedule.ts";

export interface ChaosNode {
  id: string;
  simulated: boolean;
  /** "10.90.0": what its addresses begin with. */
  prefix: string;
}

export interface Stage {
  clients: readonly MusterClient[];
  nodes: readonly ChaosNode[];
  record: ChaosRecord;
  /** What goes on beside the callers. */
  background: Promise<void>[];
}

/** What a caller may be told in the middle of all this. Anything else is a finding. */
const HONEST = new Set([
  ...["name_taken", "address_taken", "state_conflict", "busy", "not_found", "node_unreachable", "below_use"],
  ...["overcommitted", "database_unavailable", "invalid_input", "unsupported", "overloaded", "deadline_exceeded"],
]);
/** A server that is down, or was killed in the middle of its answer, as Node's fetch says it. */
const UNHEARD = /fetch failed|terminated|ECONN|socket|Unexpected end of JSON|Stream closed/i;
const ANSWER_WITHIN_MS = 20_000;
export async function perform(stage: Stage, planned: readonly PlannedAct[]): Promise<string[]> {
  const findings: string[] = [];
  const beganMs = performance.now();
  const callers = new Map<number, Promise<void>>();
  for (const { atMs, caller, act } of planned) {
    const before = callers.get(caller) ?? Promise.resolve();
    const turn = before.then(async () => {
      await sleep(Math.max(0, beganMs + atMs - performance.now()));
      const finding = await ask(stage, caller, act);
      if (finding !== null) findings.push(finding);
    });
    callers.set(caller, turn);
  }
  await Promise.all(callers.values());
  return findings;
}

/** @returns what nobody should be told; null where all was well, or refused as it may be. */
async function ask(stage: Stage, caller: number, act: Act): Promise<string | null> {
  const client = stage.clients[caller % stage.clients.length];
  if (client === undefined) throw new Error("a run has servers");
  const late = AbortSignal.timeout(ANSWER_WITHIN_MS);
  try {
    await request(stage, { client, signal: late }, act);
    return null;
  } catch (error) {
    const code = refusalOf(error)?.code ?? (UNHEARD.test(String(error)) ? "unheard" : "late");
    count(stage.record.refusals, code);
    if (code === "unheard" || HONEST.has(code)) return null;
    return `${act.type} was refused with ${code}: ${String(error)}`;
  }
}
