/**
 * Live samples of what somebody is looking at: one stream per watched node from its agent, however many look on.
 * The relay keeps the last 15 minutes while it runs, so the second tab's chart is full at once and asks the
 * node for nothing. When the stream breaks it is opened again and what was missed is asked for: agents keep as much.
 */
import { setTimeout as delay } from "node:timers/promises";
import type { Agent } from "@muster/agent-api/agent";
import type { NodeSample } from "@muster/model/metrics/sample";
import type { Log } from "../log.ts";

/** 15 minutes at 1 Hz. */
const KEPT = 900;
const RECONNECT_MS = 1_000;
/** A page that is reloaded leaves and comes back: the relay waits for it so long. */
const LINGER_MS = 10_000;

export interface LiveOptions {
  agentFor: (nodeId: string) => Promise<Agent>;
  log: Log;
}

export interface LiveNode {
  samples: readonly NodeSample[];
  subscribe(listener: (sample: NodeSample) => void): () => void;
}

interface Relay {
  nodeId: string;
  samples: NodeSample[];
  listeners: Set<(sample: NodeSample) => void>;
  /** Settles when the history was read, or could not be: a chart without a history is still a chart. */
  ready: Promise<void>;
  stop: AbortController;
}

export function createLive({ agentFor, log }: LiveOptions) {
  const relays = new Map<string, Relay>();

  const open = (nodeId: string): Relay => {
    const { promise: ready, resolve } = Promise.withResolvers<void>();
    const relay: Relay = { nodeId, samples: [], listeners: new Set(), ready, stop: new AbortController() };
    relays.set(nodeId, relay);
    void follow(relay, { agentFor, log, ready: resolve });
    return relay;
  };

  const close = (relay: Relay) => {
    relay.stop.abort();
    if (relays.get(relay.nodeId) === relay) relays.delete(relay.nodeId);
  };

  const leave = (relay: Relay, listener: (sample: NodeSample) => void) => {
    relay.listeners.delete(listener);
    const timer = setTimeout(() => {
      if (relay.listeners.size === 0) close(relay);
    }, LINGER_MS);
    timer.unref();
  };

  return {
    /** Subscribe before the first await after this returns, and nothing is missed. */
    async node(nodeId: string): Promise<LiveNode> {
      const relay = relays.get(nodeId) ?? open(nodeId);
      await relay.ready;
      return {
        samples: relay.samples,
        subscribe: (listener) => {
          relay.listeners.add(listener);
          return () => leave(relay, listener);
        },
      };
    },
    close: () => {
      for (const relay of relays.values()) close(relay);
    },
  };
}
export type LiveRelay = ReturnType<typeof createLive>;

async function follow(relay: Relay, { agentFor, log, ready }: LiveOptions & { ready: () => void }): Promise<void> {
  const { signal } = relay.stop;
  while (!signal.aborted) {
    try {
      await relayOnce(relay, await agentFor(relay.nodeId), ready);
    } catch (err) {
      if (!signal.aborted) {
        log.warn({ err, nodeId: relay.nodeId }, "live samples were cut off; they are asked for again");
      }
    }
    ready();
    await delay(RECONNECT_MS, undefined, { signal }).catch(() => {}); // an abort ends the loop
  }
}

/** The stream is opened before the history is asked for, so nothing is missed between the two. */
async function relayOnce(relay: Relay, agent: Agent, ready: () => void): Promise<void> {
  const stream = agent.watchSamples(relay.stop.signal)[Symbol.asyncIterator]();
  const first = stream.next();
  first.catch(() => {}); // the history may fail before anybody waits for it below
  try {
    await fill(relay, agent);
    ready();
    for (let next = await first; next.done !== true; next = await stream.next()) take(relay, next.value);
  } catch (error) {
    void stream.return?.();
    throw error;
  }
}

/** Monotonic time begins again with a boot, so after a reboot everything that the agent keeps is asked for. */
async function fill(relay: Relay, agent: Agent): Promise<void> {
  const last = relay.samples.at(-1);
  const { bootId } = last === undefined ? { bootId: undefined } : await agent.describe();
  const afterMonotonicMs = last !== undefined && last.bootId === bootId ? last.monotonicMs : -1;
  for (const sample of await agent.samples({ afterMonotonicMs })) take(relay, sample);
}

/** The history and the stream overlap: a sample that is not newer than the last is one of both. */
function take(relay: Relay, sample: NodeSample): void {
  const last = relay.samples.at(-1);
  if (last !== undefined && last.bootId === sample.bootId && sample.monotonicMs <= last.monotonicMs) return;
  relay.samples.push(sample);
  if (relay.samples.length > KEPT) relay.samples.shift();
  for (const listener of relay.listeners) listener(sample);
}
