/**
 * One VPS on a real node, whose limits are changed while it runs, as a server would change them. What every limit's
 * effect test needs beside its own load: the change, what the kernel says of it, the guest, and a client that asks the
 * VPS all the while.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { CreateVps } from "@muster/agent-api/agent";
import { changedLimits, type LimitsChange } from "@muster/model/limits/registry";
import { MIB } from "@muster/model/units";
import type { Placements } from "../vps/placements.ts";
import { visitUntilAnswered } from "./http.ts";
import { KEPT_PORT, KEPT_SERVER, type Lap, type SteadyClient, startSteadyClient } from "./steadiness.ts";
import { createTrialNode, inside, type TrialNode } from "./trial-node.ts";

const never = new AbortController().signal;
const ROOMY: LimitsChange = { "cpu.cores": 2, "memory.max": 128 * MIB, "disk.max": 256 * MIB, "pids.max": 256 };

/** A VPS under trial. */
export interface Guest {
  vpsId: string;
  address: string;
  /** In place, while it runs. */
  change(limits: LimitsChange): Promise<void>;
  /** As the kernel has them. */
  read(): Promise<LimitsChange>;
  /** A script in the guest, as its root. */
  run(script: string): ReturnType<typeof inside>;
}

export interface Effect extends Guest {
  node: TrialNode;
  agent: Placements;
  /** A second VPS beside it. */
  neighbour(): Promise<Guest>;
  end(): Promise<void>;
}

export async function startEffect(): Promise<Effect> {
  const node = await createTrialNode();
  const agent = await node.boot();
  const end = async () => {
    await agent.close();
    await node.clean();
  };
  try {
    const first = await startGuest(node, agent, 1);
    return { ...first, node, agent, neighbour: () => startGuest(node, agent, 2), end };
  } catch (error) {
    await end();
    throw error;
  }
}

async function startGuest(node: TrialNode, agent: Placements, number: number): Promise<Guest> {
  let input: CreateVps = node.creation(number, ROOMY);
  const { vpsId, spec } = input;
  await agent.create(input, never);
  await agent.start({ vpsId, epoch: 1, key: `start-${vpsId}` }, never);
  await visitUntilAnswered(spec.address);
  const run = (script: string) => inside(node, vpsId, "sh", "-c", script);
  await run(`cat > /bin/kept <<'END'\n${KEPT_SERVER}END\nchmod +x /bin/kept`);
  await run(inBackground(`nc -ll -p ${KEPT_PORT} -e /bin/kept`));
  const change = async (limits: LimitsChange) => {
    const generation = input.generation + 1;
    const changed = { ...input.spec, limits: changedLimits(input.spec.limits, limits) };
    await agent.configure({ vpsId, epoch: 1, key: `${vpsId}-${generation}`, generation, spec: changed }, never);
    input = { ...input, generation, spec: changed };
  };
  return { vpsId, address: spec.address, run, change, read: () => agent.readLimits(vpsId) };
}

/** A command of the guest that goes on when the script that started it has ended. */
export function inBackground(command: string): string {
  return `setsid ${command} > /dev/null 2>&1 < /dev/null &`;
}

/** What a client noticed of it: its longest gap, in ms, over one open connection and over new ones. */
export interface Noticed {
  idle: Lap;
  changing: Lap;
}

const CHANGES = 10;
const PAUSE_MS = 40;
const ROUNDS = 5;
const GOAL_MS = 20;
/** Linux waits 200 ms at least before it sends again what was lost (include/net/tcp.h, TCP_RTO_MIN). */
const LOST_PACKET_MS = 150;

/**
 * Changes to and fro while a client asks every 5 ms. It must not wait more than 20 ms, without what the hypervisor took;
 * where the machine has so much other work that the same client waits more than half of that just after, for as long,
 * when nothing is changed: no more than twice as long as then. A round that is worse is tried again, five in all: what
 * the machine did is not there the next time, what a change does is there every time. A failed question or a broken
 * connection is a failure at once, and so is a lost packet where the link is what changes: a change that may lose one
 * does not lose one in every round. (`pnpm bench limits` holds 100 changes to the 20 ms alone.)
 */
export async function changeUnnoticed(guest: Guest, one: LimitsChange, other: LimitsChange): Promise<Noticed> {
  const client = await startSteadyClient(guest.address);
  try {
    const rounds: Noticed[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const noticed = await changeToAndFro(guest, client, [one, other]);
      if (isUnnoticed(noticed)) return noticed;
      if (changesLink(one, other)) mustHaveLostNothing(noticed);
      rounds.push(noticed);
    }
    throw new Error(`the client noticed the changes each time: ${JSON.stringify(rounds)}`);
  } finally {
    client.end();
  }
}

async function changeToAndFro(
  guest: Guest,
  client: SteadyClient,
  changes: readonly [LimitsChange, LimitsChange],
): Promise<Noticed> {
  await client.lap();
  const beganMs = performance.now();
  for (let count = 0; count < CHANGES; count += 1) {
    await guest.change(changes[count % 2 === 0 ? 0 : 1]);
    await sleep(PAUSE_MS);
  }
  const changing = await client.lap();
  await sleep(performance.now() - beganMs);
  return { idle: await client.lap(), changing };
}

function isUnnoticed({ idle, changing }: Noticed): boolean {
  return (["kept", "fresh"] as const).every((way) => {
    if (changing[way].failures > 0) throw new Error(`questions went unanswered: ${JSON.stringify(changing)}`);
    return changing[way].ownGapMs <= Math.max(GOAL_MS, 2 * idle[way].ownGapMs);
  });
}

function changesLink(...changes: readonly LimitsChange[]): boolean {
  return changes.some((limits) => "nic.egress" in limits || "nic.ingress" in limits);
}

function mustHaveLostNothing({ idle, changing }: Noticed): void {
  for (const way of ["kept", "fresh"] as const) {
    if (changing[way].ownGapMs < LOST_PACKET_MS || idle[way].ownGapMs >= LOST_PACKET_MS) continue;
    throw new Error(`a packet was lost while the link changed: ${JSON.stringify({ idle, changing })}`);
  }
}

/** For the report beside the test's name. */
export function inWords({ idle, changing }: Noticed): string {
  const longest = ({ kept, fresh }: Lap) => Math.max(kept.ownGapMs, fresh.ownGapMs).toFixed(1);
  return `longest gap ${longest(changing)} ms during ${CHANGES} changes, ${longest(idle)} ms without`;
}
