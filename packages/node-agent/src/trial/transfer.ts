/** A stream of bytes between the host and a VPS, as fast as it goes, and how fast that is. */
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import type { RateDirection } from "../engine/ports.ts";
import { type Effect, inBackground } from "./effect.ts";

const GUEST_PORT = 7100;
const CHUNK = Buffer.alloc(64 * 1024);
const WITHIN_MS = 5000;
/** TCP finds its rate, and what a bucket had saved is spent. */
const SETTLE_MS = 500;
const MEASURE_MS = 1500;

export interface Transfer {
  /** Of the bytes that arrive, from now on. */
  bitsPerSecond(): Promise<number>;
  end(): void;
}

/** As the VPS sees it: egress is what it sends. */
export function startTransfer(effect: Effect, direction: RateDirection): Promise<Transfer> {
  return direction === "egress" ? receive(effect) : send(effect);
}

/** What has arrived at the VPS is what its veth has let through to it. */
async function send({ address, vpsId, run }: Effect): Promise<Transfer> {
  // busybox's nc ends with its input.
  await run(inBackground(`sh -c 'tail -f /dev/null | nc -l -p ${GUEST_PORT}'`));
  const socket = await connectSoon(address);
  const push = (): void => {
    if (!socket.destroyed) socket.write(CHUNK, push);
  };
  push();
  const counter = `/sys/class/net/${vpsId}/statistics/tx_bytes`;
  return { bitsPerSecond: () => rateOf(() => Number(readFileSync(counter, "utf8"))), end: () => socket.destroy() };
}

async function receive({ node, run }: Effect): Promise<Transfer> {
  const server = createServer().listen(0, node.bridge.gateway);
  await once(server, "listening");
  const { port } = z.object({ port: z.number() }).parse(server.address());
  const connected = once(server, "connection", { signal: AbortSignal.timeout(WITHIN_MS) });
  await run(inBackground(`sh -c 'nc ${node.bridge.gateway} ${port} < /dev/zero'`));
  const [socket]: Socket[] = await connected;
  if (socket === undefined) throw new Error("the VPS did not connect");
  let received = 0;
  socket.on("data", (chunk: Buffer) => {
    received += chunk.length;
  });
  socket.on("error", () => undefined);
  const end = () => {
    socket.destroy();
    server.close();
  };
  return { bitsPerSecond: () => rateOf(() => received), end };
}

/** The guest's end takes a moment to listen. */
async function connectSoon(address: string): Promise<Socket> {
  for (const endMs = Date.now() + WITHIN_MS; ; await sleep(5)) {
    const socket = connect({ host: address, port: GUEST_PORT });
    try {
      await once(socket, "connect");
      return socket.on("error", () => undefined);
    } catch (cause) {
      socket.destroy();
      if (Date.now() > endMs) throw cause;
    }
  }
}

async function rateOf(bytes: () => number): Promise<number> {
  await sleep(SETTLE_MS);
  const [beganMs, before] = [performance.now(), bytes()];
  await sleep(MEASURE_MS);
  return ((bytes() - before) * 8) / ((performance.now() - beganMs) / 1000);
}
