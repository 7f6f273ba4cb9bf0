/**
 * Changing the rate of queues that are in use.
 *
 * A packet that is longer than the bucket stands in it for ever, and everything behind it. tbf cuts what comes in to the
 * size of its bucket, but what waited in a larger one may be too long for a smaller: in one of 105 Mbit/s and more, or in
 * a queue that an agent of before made, which cut nothing to frames. So who changes a rate looks whether what waits goes
 * on. Where it cannot, or would for long, the queue is opened until it is empty, and then lowered; that lets a transfer
 * go at full speed for some 10 ms and takes a CPU from those who do something else (a client's longest gap: 21 to 33 ms,
 * against 11 to 21 ms in place), so it is not done without need.
 */
import { setTimeout } from "node:timers/promises";
import { MusterError } from "@muster/model/errors";
import {
  BULK_HANDLE,
  changeLines,
  cutsToFrames,
  FRAME_BYTES,
  OPEN_BITS_PER_SECOND,
  openLine,
  queueLines,
} from "./rate-queues.ts";
import { backlogOf, parseQdiscs, type Qdiscs, rateOf, sentOf, showLine, tc } from "./tc.ts";

/** A queue that is longer at its new rate is emptied at once. */
const LONGEST_WAIT_MS = 100;
/** How often what waits is looked at, each time after as long as it should need. */
const LOOKS = 10;
const OPENINGS = 5;
/** How often, at 10 ms each, a queue that was opened is asked whether it is empty: 1600 bytes take 128 ms at 100 kbit/s. */
const DRAIN_TRIES = 50;
const DRAIN_STEP_MS = 10;

/**
 * In place; where they are not yet, the queues are made. Null: no limit. engine_failed
 * @param then lines for tc when they are so: a process of their own would cost more than the change.
 */
export async function setQueues(
  name: string,
  bitsPerSecond: number | null,
  then: readonly string[] = [],
): Promise<void> {
  const shown = await tc(showLine(name), ...changeLines(name, bitsPerSecond), showLine(name), ...then).catch(
    // There is no tree yet, or half of one.
    () => {
      const made = bitsPerSecond === null ? [openLine(name)] : [...queueLines(name, bitsPerSecond), showLine(name)];
      return tc(...made, ...then);
    },
  );
  if (bitsPerSecond === null) return;
  const states = shown
    .split("\n")
    .filter((line) => line !== "")
    .map(parseQdiscs);
  const [before, after] = states.length > 1 ? states : [undefined, ...states];
  if (after === undefined) return;
  const rateBefore = (before && rateOf(before)) ?? OPEN_BITS_PER_SECOND;
  const mayFit = cutsToFrames(rateBefore) || !cutsToFrames(bitsPerSecond);
  if (backlogOf(after) === 0 || (mayFit && (await goesOn(name, bitsPerSecond, after)))) return;
  await emptyAndLower(name, bitsPerSecond);
}

async function emptyAndLower(name: string, bitsPerSecond: number): Promise<void> {
  for (let opening = 0; opening < OPENINGS; opening += 1) {
    await tc(openLine(name));
    await drained(name);
    const lowered = parseQdiscs(await tc(...changeLines(name, bitsPerSecond), showLine(name)));
    // What came in between the two was not cut.
    if (await goesOn(name, bitsPerSecond, lowered)) return;
  }
  await tc(openLine(name));
  throw new MusterError("engine_failed", `What waits at ${name} does not fit the rate; it has none now. Try again.`);
}

/** Whether all that waited has been sent, or will be soon; small packets go before it, and do not count. */
async function goesOn(name: string, bitsPerSecond: number, since: Qdiscs): Promise<boolean> {
  const msOf = (bytes: number) => (bytes * 8_000) / bitsPerSecond;
  if (backlogOf(since) === 0) return true;
  if (msOf(backlogOf(since)) > LONGEST_WAIT_MS + msOf(FRAME_BYTES)) return false;
  const [waited] = bulkOf(since);
  let last = since;
  for (let look = 0; look < LOOKS; look += 1) {
    await setTimeout(msOf(backlogOf(last) + FRAME_BYTES) + DRAIN_STEP_MS);
    const now = parseQdiscs(await tc(showLine(name)));
    const [, sent] = bulkOf(now);
    // One more than those: the last of them may stand in the bucket.
    if (backlogOf(now) === 0 || sent > waited) return true;
    if (sentOf(now) === sentOf(last)) return false;
    last = now;
  }
  return false;
}

/** How many packets have come to the queue of the long ones, and how many have left it for the bucket. */
function bulkOf(qdiscs: Qdiscs): [come: number, left: number] {
  const { packets = 0, qlen = 0 } = qdiscs.find(({ handle }) => handle === BULK_HANDLE) ?? {};
  return [packets + qlen, packets];
}

export async function drained(name: string): Promise<void> {
  for (let attempt = 0; attempt < DRAIN_TRIES; attempt += 1) {
    if (backlogOf(parseQdiscs(await tc(showLine(name)))) === 0) return;
    await setTimeout(DRAIN_STEP_MS);
  }
}
