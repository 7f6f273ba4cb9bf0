/** Live rates for a chart: the last 15 minutes once, then a point a second. */
import { type NodeRate, nodeRate, type VpsRate, vpsRate } from "@muster/model/metrics/rate";
import type { NodeSample } from "@muster/model/metrics/sample";
import { createInbox } from "../events/inbox.ts";
import type { Live } from "../fleet.ts";
import { ratesOf } from "./day.ts";
import type { LiveRelay } from "./live.ts";

const INTERVAL_MS = 1_000;

type RateOf<Rate> = (before: NodeSample, after: NodeSample) => Rate;

const ofNode: RateOf<NodeRate> = (before, after) => nodeRate(before, after, INTERVAL_MS);
const ofVps =
  (vpsId: string): RateOf<VpsRate> =>
  (before, after) =>
    vpsRate(vpsId, { before, after, intervalMs: INTERVAL_MS });

export function watchNode(live: LiveRelay, nodeId: string, signal: AbortSignal): AsyncGenerator<Live<NodeRate>> {
  return watch({ live, nodeId, rate: ofNode }, signal);
}

export function watchVps(
  live: LiveRelay,
  vps: { id: string; nodeId: string },
  signal: AbortSignal,
): AsyncGenerator<Live<VpsRate>> {
  return watch({ live, nodeId: vps.nodeId, rate: ofVps(vps.id) }, signal);
}

interface Watched<Rate> {
  live: LiveRelay;
  nodeId: string;
  rate: RateOf<Rate>;
}

async function* watch<Rate>({ live, nodeId, rate }: Watched<Rate>, signal: AbortSignal): AsyncGenerator<Live<Rate>> {
  const node = await live.node(nodeId);
  const inbox = createInbox<NodeSample>(signal);
  const unsubscribe = node.subscribe((sample) => inbox.put(`${sample.bootId} ${sample.monotonicMs}`, sample));
  try {
    let before = node.samples.at(-1);
    yield { type: "history", points: ratesOf(node.samples, rate) };
    while (!signal.aborted) {
      for (const sample of await inbox.take()) {
        if (before !== undefined) yield { type: "point", point: rate(before, sample) };
        before = sample;
      }
    }
  } finally {
    unsubscribe();
  }
}
