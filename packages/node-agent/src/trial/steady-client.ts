/**
 * Asks a VPS for a page every 5 ms, over one connection that stays open and over a new one each time, and tells the
 * longest time in which no answer came. A process of its own: what keeps a test busy must not look like a gap.
 *
 * usage: steady-client.ts ADDRESS KEPT_PORT. Each line on stdin ends a lap and gets one line of JSON (steadiness.ts).
 */
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";

const [, , address = "", keptPort = ""] = process.argv;
const EVERY_MS = 5;
const GIVE_UP_MS = 2000;
const QUESTION = `GET / HTTP/1.1\r\nHost: ${address}\r\n\r\n`;

interface Visitor {
  answers: number;
  failures: number;
  longestGapMs: number;
  /** Of the last answer. */
  atMs: number;
}

const kept = { answers: 0, failures: 0, longestGapMs: 0, atMs: performance.now() };
const fresh = { ...kept };

/** For ever; the process is killed. */
async function visit(visitor: Visitor, ask: () => Promise<void>): Promise<never> {
  for (;;) {
    const askedMs = performance.now();
    try {
      await ask();
      visitor.answers += 1;
      note(visitor);
      visitor.atMs = performance.now();
    } catch (_refused) {
      visitor.failures += 1;
    }
    await sleep(Math.max(0, EVERY_MS - (performance.now() - askedMs)));
  }
}

function note(visitor: Visitor): void {
  visitor.longestGapMs = Math.max(visitor.longestGapMs, performance.now() - visitor.atMs);
}

/** With what was asked for, so that a gap that has not ended yet counts too. */
function endLap(visitor: Visitor) {
  note(visitor);
  const { answers, failures, longestGapMs } = visitor;
  Object.assign(visitor, { answers: 0, failures: 0, longestGapMs: 0 });
  return { answers, failures, longestGapMs };
}

let open: Socket | null = null;

async function askKept(): Promise<void> {
  const timeout = AbortSignal.timeout(GIVE_UP_MS);
  if (open === null || open.destroyed) {
    open = connect({ host: address, port: Number(keptPort), noDelay: true });
    open.on("error", () => open?.destroy());
    await once(open, "connect", { signal: timeout });
  }
  const socket = open;
  socket.write(QUESTION);
  await once(socket, "data", { signal: timeout }).catch((cause: unknown) => {
    socket.destroy();
    throw cause;
  });
}

async function askFresh(): Promise<void> {
  const socket = connect({ host: address, port: 80, noDelay: true });
  try {
    socket.write(QUESTION);
    await once(socket, "data", { signal: AbortSignal.timeout(GIVE_UP_MS) });
  } finally {
    socket.destroy();
  }
}

createInterface({ input: process.stdin })
  .on("line", () => process.stdout.write(`${JSON.stringify({ kept: endLap(kept), fresh: endLap(fresh) })}\n`))
  .on("close", () => process.exit(0));
await Promise.all([visit(kept, askKept), visit(fresh, askFresh)]);
