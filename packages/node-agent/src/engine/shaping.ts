/**
 * The rates of a VPS's link, held on the host, where the guest's root cannot undo them.
 *
 * What the VPS receives leaves the host by its veth: a tbf (tc-tbf(8)) is the root of that interface. What it sends
 * comes in there, where nothing can be queued: a filter turns it aside to an ifb of its own, whose root is the tbf, and
 * after that it goes on to the bridge and its guard as if it had just arrived (net/sched/act_mirred.c). `police`
 * would need no ifb; kernels without it exist, and it drops what a queue only delays.
 *
 * Never is a queue put on or taken off an interface in use: for that the kernel takes it down for some 10 us, and each
 * packet that is lost there costs its connection 200 ms (5 of 120 such changes under one request each 0.4 ms; 0 of 120
 * changes in place). So the veth has its queues from its birth on (native/veth.c), "no limit" is a rate that nobody can
 * reach, and a change is `tc qdisc replace` with the handle that is there already: in place, keeping what is queued.
 */
import { existsSync } from "node:fs";
import type { VpsId } from "@muster/model/ids";
import { z } from "zod";
import { can, cannot, type Finding } from "../inventory/finding.ts";
import { isNotInstalled, run, runOk } from "./exec.ts";
import { native } from "./native.ts";
import type { Network, RateDirection } from "./ports.ts";
import { drained, setQueues } from "./rate-change.ts";
import { OPEN_BITS_PER_SECOND, queueLines } from "./rate-queues.ts";
import { parseQdiscs, rateOf, showLine, tc } from "./tc.ts";

export type Shaping = Pick<Network, "setRate" | "readRate" | "findRate">;

const TIMEOUT_MS = 10_000;

const filtersSchema = z.array(
  z.object({
    options: z.object({ actions: z.array(z.object({ to_dev: z.string().optional() })).optional() }).optional(),
  }),
);

/** The host's interface through which what a VPS sends is turned: 15 characters, the most there can be (IFNAMSIZ - 1). */
export function ifbOf(vpsId: VpsId): string {
  return `${vpsId}-ifb`;
}

export function ifbExists(vpsId: VpsId): boolean {
  return existsSync(`/sys/class/net/${ifbOf(vpsId)}`);
}

export function openShaping(): Shaping {
  return {
    setRate: async (vpsId, direction, bitsPerSecond) => {
      if (direction === "ingress") await setIngress(vpsId, bitsPerSecond);
      else if (bitsPerSecond !== null) await limitEgress(vpsId, bitsPerSecond);
      else if (ifbExists(vpsId)) await openEgress(vpsId);
    },
    readRate: async (vpsId, direction) => {
      if (direction === "ingress") return readIngress(vpsId);
      return ifbExists(vpsId) ? readEgress(vpsId) : null;
    },
    findRate,
  };
}

/** No limit can be asked of every node, of one without tc too; where nothing is held, nothing is touched. */
async function setIngress(vpsId: VpsId, bitsPerSecond: number | null): Promise<void> {
  if (bitsPerSecond === null && (await readIngress(vpsId)) === null) return;
  await setQueues(vpsId, bitsPerSecond);
}

/** Nothing was ever held without tc, and nothing is on a link that the guest's root took away. */
async function readIngress(vpsId: VpsId): Promise<number | null> {
  if (!existsSync(`/sys/class/net/${vpsId}`)) return null;
  try {
    return heldRate(await tc(showLine(vpsId)));
  } catch (error) {
    if (isNotInstalled(error)) return null;
    throw error;
  }
}

/**
 * All that is sent, whatever its protocol. With handles of their own both are left or changed where they are there
 * already; a VPS that was started before its link had queues gets its ingress queue here.
 */
function redirect(vpsId: VpsId): string[] {
  const filter = `filter replace dev ${vpsId} parent ffff: protocol all prio 1 handle 800::800 u32 match u32 0 0`;
  return [
    `qdisc replace dev ${vpsId} handle ffff: ingress`,
    `${filter} action mirred egress redirect dev ${ifbOf(vpsId)}`,
  ];
}

/** The filter comes last: nothing is turned aside to a queue that is not there yet. */
async function limitEgress(vpsId: VpsId, bitsPerSecond: number): Promise<void> {
  if (!ifbExists(vpsId)) {
    const args = ["link", "add", "name", ifbOf(vpsId), "up", "type", "ifb"];
    await runOk({ program: "ip", args, timeoutMs: TIMEOUT_MS });
  }
  await setQueues(ifbOf(vpsId), bitsPerSecond, redirect(vpsId));
}

/** What waits in the ifb is let go before the ifb is. The filter is made first, so that taking away none is no error. */
async function openEgress(vpsId: VpsId): Promise<void> {
  const ifb = ifbOf(vpsId);
  await setQueues(ifb, null);
  await tc(...redirect(vpsId), `filter delete dev ${vpsId} parent ffff: prio 1`);
  await drained(ifb);
  await native(["link-delete", ifb]);
}

function heldRate(shown: string): number | null {
  const bitsPerSecond = rateOf(parseQdiscs(shown));
  return bitsPerSecond === null || bitsPerSecond >= OPEN_BITS_PER_SECOND ? null : bitsPerSecond;
}

/** A rate that nothing is turned aside to holds nobody. */
async function readEgress(vpsId: VpsId): Promise<number | null> {
  const ifb = ifbOf(vpsId);
  const [filters = "", queues = ""] = (await tc(`filter show dev ${vpsId} parent ffff:`, showLine(ifb))).split("\n");
  const actions = filtersSchema.parse(JSON.parse(filters)).flatMap(({ options }) => options?.actions ?? []);
  return actions.some(({ to_dev }) => to_dev === ifb) ? heldRate(queues) : null;
}

/** Tried on the loopback of a network namespace that ends with the program. */
async function findRate(direction: RateDirection): Promise<Finding> {
  const tried = (input: string, ...argv: string[]) =>
    run({ program: "unshare", args: ["--net", ...argv], input, timeoutMs: TIMEOUT_MS });
  const queued = await tried(`${queueLines("lo", 1_000_000).join("\n")}\n`, "tc", "-batch", "-");
  if (queued.exitCode === 127) return cannot("tc is not installed (Debian: apt-get install iproute2).");
  if (queued.exitCode !== 0) {
    return cannot(`The kernel lacks a queue (modules sch_tbf, sch_htb, cls_u32): ${firstLine(queued.stderr)}.`);
  }
  if (direction === "ingress") return can("tc holds what a VPS receives to a rate, on its veth.");

  const ifb = await tried("", "ip", "link", "add", "probe0", "type", "ifb");
  if (ifb.exitCode !== 0) return cannot(`The kernel has no ifb (module ifb): ${firstLine(ifb.stderr)}.`);
  const turn =
    "filter add dev lo parent ffff: protocol all prio 1 u32 match u32 0 0 action mirred egress redirect dev lo";
  const turned = await tried(`qdisc add dev lo handle ffff: ingress\n${turn}\n`, "tc", "-batch", "-");
  if (turned.exitCode !== 0) {
    const modules = "modules sch_ingress, cls_u32, act_mirred";
    return cannot(`The kernel cannot turn packets aside to an ifb (${modules}): ${firstLine(turned.stderr)}.`);
  }
  return can("tc holds what a VPS sends to a rate, on an ifb of its own.");
}

const firstLine = (text: string): string => text.trim().split("\n")[0]?.replace(/\.$/, "") ?? "";
