/** Starts a doomed server, waits until every job stands at its point, and kills it: kill -9, nothing is put in order. */
import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { expect } from "vitest";
import { type FromServer, fromServerSchema, type ToServer } from "./doomed-messages.ts";
import type { Grounds } from "./grounds.ts";
import type { Point } from "./points.ts";
import { endOf, expectAsBefore, expectDone, type Trial } from "./trial.ts";

const PROGRAM = fileURLToPath(new URL("./doomed-server.ts", import.meta.url));
const ARRIVES_WITHIN_MS = 60_000;

export interface Deed {
  point: Point;
  trial: Trial;
}

/** What became of one job until the server was killed. */
export interface Left {
  jobId: string | null;
  /** Whether it stood at its point. */
  arrived: boolean;
  refused: string | null;
}

/** Of what was left, the end: as if nothing had happened, or all as before. */
export async function holdLeft(grounds: Grounds, { point, trial }: Deed, left: Left): Promise<void> {
  expect(left).toMatchObject({ arrived: true, refused: null });
  const job = await endOf(grounds, left.jobId ?? "");
  expect(job.state).toBe(point.direction === "do" ? "succeeded" : "failed");
  await (point.direction === "do" ? expectDone : expectAsBefore)(grounds, trial);
}

export async function killedServer(grounds: Grounds, serverId: string, deeds: readonly Deed[]): Promise<Left[]> {
  const left: Left[] = deeds.map(() => ({ jobId: null, arrived: false, refused: null }));
  const child = fork(PROGRAM, [], { execArgv: [] });
  const exited = once(child, "exit");
  const send = (message: ToServer) => child.send(message);
  const all = Promise.withResolvers<void>();

  const hear = async (message: FromServer): Promise<void> => {
    const [one, deed] = [left[message.index], deeds[message.index]];
    if (one === undefined || deed === undefined) throw new RangeError(`there is no deed ${message.index}`);
    if (message.type === "sign") {
      const certificatePem = await grounds.bootOf(deed.trial.subject)(message.nodeId);
      send({ type: "signed", index: message.index, certificatePem });
    }
    if (message.type === "asked") one.jobId = message.jobId;
    if (message.type === "refused") one.refused = message.reason;
    if (message.type === "arrived") one.arrived = true;
    if (left.every(({ jobId, arrived, refused }) => (jobId !== null && arrived) || refused !== null)) all.resolve();
  };
  child.on("message", (received) => void hear(fromServerSchema.parse(received)).catch(all.reject));

  const credentials = await grounds.test.authority.issue("muster-server");
  const tasks = deeds.map(({ point, trial: { subject } }, index) => ({ index, subject, point }));
  send({ type: "serve", databaseUrl: grounds.test.databaseUrl, serverId, credentials, tasks });
  const late = setTimeout(all.resolve, ARRIVES_WITHIN_MS); // who has not arrived fails its own test
  try {
    await Promise.race([all.promise, exited]);
  } finally {
    clearTimeout(late);
    child.kill("SIGKILL");
    await exited;
  }
  return left;
}
