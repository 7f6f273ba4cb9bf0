/**
 * Follows one node: asks it whether it is there, takes in what it reports, and lets its stream of statuses tell of
 * changes at once. The stream notifies; the list is the truth, and a slow poll repairs what was missed.
 */
import { setTimeout as delay } from "node:timers/promises";
import type { AgentDescription } from "@muster/agent-api/agent";
import { errorView, MusterError } from "@muster/model/errors";
import type { NodeLink } from "../agents.ts";
import type { Log } from "../log.ts";
import type { NodeStore } from "../nodes/store.ts";
import type { VpsStore } from "../vps/store.ts";

const BEAT_MS = 1_000;
/**
 * How long an answer is waited for before its node is called silent: a little less than NODE_SILENCE_MS, so that the
 * reason is there when the node turns unknown. It is not shorter, because a late answer is an answer: a busy machine
 * of two cores takes two seconds for one at times, and is alive.
 */
const BEAT_PATIENCE_MS = 4_000;
const REFRESH_MS = 30_000;
const STREAM_AGAIN_MS = 1_000;

export interface FollowOptions {
  /** This server's incarnation. */
  me: string;
  nodeId: string;
  link: NodeLink;
  nodes: NodeStore;
  vps: VpsStore;
  log: Log;
  signal: AbortSignal;
  onHeard: () => void;
}

export async function followNode(options: FollowOptions): Promise<void> {
  await Promise.all([beat(options), followStatuses(options)]);
}

async function beat(options: FollowOptions): Promise<void> {
  const { me, link, nodes, nodeId, signal, log } = options;
  const refresh = refresher(options);
  while (!signal.aborted) {
    try {
      const description = await patiently(link.direct.describe());
      link.gate.heard();
      options.onHeard();
      refresh.when(description);
    } catch (error) {
      refresh.soon();
      await nodes.silent(nodeId, { me, reason: errorView(error).message }).catch((err: unknown) => {
        if (!signal.aborted) log.warn({ err, nodeId }, "a silence was not recorded");
      });
    }
    await pause(BEAT_MS, signal);
  }
}

/** Beside the beats and not between them: a node whose inventory takes ten seconds is not silent meanwhile. */
function refresher(options: FollowOptions) {
  let done: { atMs: number; bootId: string } | null = null;
  let underWay = false;
  const run = async (description: AgentDescription): Promise<void> => {
    underWay = true;
    try {
      await refresh(options, description);
      done = { atMs: performance.now(), bootId: description.bootId };
    } catch (err) {
      if (!options.signal.aborted)
        options.log.info({ err, nodeId: options.nodeId }, "a node was not taken stock of; it is tried again");
    } finally {
      underWay = false;
    }
  };
  return {
    when: (description: AgentDescription) => {
      const fresh = done?.bootId === description.bootId && performance.now() - done.atMs < REFRESH_MS;
      if (!fresh && !underWay) void run(description);
    },
    soon: () => {
      done = null;
    },
  };
}

async function patiently(answer: Promise<AgentDescription>): Promise<AgentDescription> {
  const late = new AbortController();
  const timeout = delay(BEAT_PATIENCE_MS, undefined, { signal: late.signal }).then(() => {
    throw new MusterError("node_unreachable", `The node did not answer within ${BEAT_PATIENCE_MS} ms.`);
  });
  try {
    return await Promise.race([answer, timeout]);
  } finally {
    late.abort();
    timeout.catch(() => {}); // its own abort
  }
}

async function refresh({ nodeId, link, nodes, vps }: FollowOptions, description: AgentDescription): Promise<void> {
  await nodes.saveInventory(nodeId, description, await link.direct.inventory());
  await nodes.saveTemplates(nodeId, await link.direct.listTemplates());
  const known = await vps.reported(nodeId);
  const listed = await link.direct.listVps();
  await Promise.all(listed.map((status) => vps.applyStatus(nodeId, status)));
  const present = new Set(listed.map((status) => status.vpsId));
  await vps.forgetStatus(
    nodeId,
    known.filter((one) => !present.has(one.vpsId)),
  );
}

async function followStatuses({ nodeId, link, vps, log, signal }: FollowOptions): Promise<void> {
  while (!signal.aborted) {
    try {
      for await (const status of link.direct.watchVps(signal)) await vps.applyStatus(nodeId, status);
    } catch (err) {
      if (!signal.aborted) log.info({ err, nodeId }, "a node's stream of statuses was cut off; it is opened again");
    }
    await pause(STREAM_AGAIN_MS, signal);
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch(() => {}); // an abort ends the caller's loop
}
