/**
 * Jobs are run from their own rows: a server claims what it has room for, writes of what is its own, and takes over
 * what a dead server leaves. What was written down is done, whatever dies meanwhile.
 *
 * - Nobody polls for a fresh job: the server that wrote it down claims at once, the others hear a NOTIFY and look a
 *   moment later, should that one have no room. A look once a second repairs what was not heard.
 * - A server beats every 2 s and is given up after 8 s without: with the look of the others its jobs go on within
 *   10 s. The database's clock decides. At a beat it also compares what it is at work on with what is its own.
 * - Operations are changed as migrations are: a job begins under one version and goes on under another, so old inputs
 *   must still parse, and steps keep their names and their order.
 *
 * It was DBOS until here: one server finished 87 starts or stops a second (300 begun at once, two slow cores with
 * PostgreSQL beside it, fake agents), with 12 transactions and 7.3 ms of its own CPU for each, most of it a record of
 * workflows that repeats the rows; 45 creates, with 17 and 15.6 ms. Its queues poll once a second and know neither
 * caps per node nor turns among actors, and it leaves a dead server's jobs to a conductor that is not part of it.
 * From the rows alone, in the same measurement: 143 to 162 a second, with 3 to 5 transactions and 3.2 to 3.7 ms; 64 creates.
 */
import { setTimeout as delay } from "node:timers/promises";
import { jobKindSchema } from "@muster/model/job";
import { accessOfItsOwn } from "../database-access.ts";
import type { Change, ChangeFeed } from "../events/change-feed.ts";
import { type ClaimedJob, createJournal, type Journal } from "../jobs/journal.ts";
import { createServerStore } from "../jobs/servers.ts";
import { LetGo } from "./attempt.ts";
import { type AtWork, createHeartbeat } from "./heartbeat.ts";
import { JOB_CAPS } from "./job-caps.ts";
import { createReporter } from "./progress.ts";
import { OPERATIONS } from "./registry.ts";
import { type JobTools, runJob } from "./run-job.ts";

const BEAT_MS = 2_000;
const DEAD_AFTER_MS = 8_000;
const LOOK_MS = 1_000;
/** The others' look after a NOTIFY: by then the server that wrote the job down has taken it, if it had room. */
const OTHERS_LOOK_MS = 25;
/** After a claim the next one leaves the database in peace for so many times as long as it took, and no longer than that. */
const PEACE = 4;
const LONGEST_PEACE_MS = 250;
/** Most of a job's time is waiting for an agent. */
const SLOTS = 64;
/** Of its own, so that neither a beat nor a job's record queues behind what five hundred people ask at once. */
const CONNECTIONS = 4;
/** Of the slots, for actors with few jobs at work (muster_claim_jobs has the rule). */
const RESERVED_SHARE = 1 / 4;

export interface Runner {
  /** There may be something to do: a job was written down, cancelled or set going again. */
  wake(): void;
  close(): Promise<void>;
}

export interface RunnerOptions {
  databaseUrl: string;
  feed: ChangeFeed;
  /** This incarnation of the server. */
  me: string;
  /** This server's name among the fleet's: the same after a restart, another on every server. */
  serverId: string;
  tools: Omit<JobTools, "journal">;
  stop: AbortController;
  slots?: number | undefined;
}

interface Desk {
  journal: Journal;
  tools: JobTools;
  slots: number;
  stopping: AbortSignal;
  atWork: Map<string, AtWork>;
}

export async function launchRunner(options: RunnerOptions): Promise<Runner> {
  const { feed, me, serverId, stop, slots = SLOTS } = options;
  const { log } = options.tools;
  const access = accessOfItsOwn(options.databaseUrl, CONNECTIONS);
  const servers = createServerStore(access, me);
  const journal = createJournal({ access, me, deadAfterMs: DEAD_AFTER_MS, caps: JOB_CAPS });
  const desk: Desk = {
    ...{ journal, slots, stopping: stop.signal },
    ...{ tools: { ...options.tools, journal }, atWork: new Map() },
  };
  await servers.register(serverId);

  const claimer = createClaimer(desk);
  const beat = createHeartbeat({ servers, atWork: desk.atWork, log, stopping: stop.signal });
  const timers = [setInterval(claimer.wake, LOOK_MS), setInterval(beat, BEAT_MS)];
  const unsubscribe = feed.subscribe(listener(desk, claimer.wake));
  claimer.wake();
  return {
    wake: claimer.wake,
    close: async () => {
      stop.abort();
      unsubscribe();
      for (const timer of timers) clearInterval(timer);
      await claimer.idle();
      for (const { letGo } of desk.atWork.values()) letGo.abort();
      await Promise.all([...desk.atWork.values()].map(({ ended }) => ended));
      await servers.leave().catch((err: unknown) => log.warn({ err }, "the others will miss this server"));
      await access.close();
    },
  };
}

function listener({ atWork }: Desk, wake: () => void): (change: Change) => void {
  let looksSoon = false;
  const lookSoon = () => {
    if (looksSoon) return;
    looksSoon = true;
    setTimeout(() => {
      looksSoon = false;
      wake();
    }, OTHERS_LOOK_MS);
  };
  return (change) => {
    if (change.type === "gap") wake();
    if (change.type !== "job") return;
    if (change.state === "queued") lookSoon();
    if (change.state !== "cancel") return;
    atWork.get(change.jobId)?.cancel.abort();
    wake();
  };
}

/**
 * One claim at a time; whoever asks meanwhile is served by one more after it. A claim looks at all that is queued (on a
 * busy machine 23 ms for 500 jobs, 138 for 5,000): one after each job that ended was half of what PostgreSQL did.
 */
function createClaimer(desk: Desk) {
  const { journal, tools, atWork, stopping } = desk;
  let asked = false;
  let claiming: Promise<void> | undefined;
  let notBeforeMs = 0;
  const reserved = Math.floor(desk.slots * RESERVED_SHARE);

  const claim = async (): Promise<void> => {
    while (asked && !stopping.aborted) {
      const pauseMs = notBeforeMs - performance.now();
      if (pauseMs > 1) await delay(pauseMs);
      asked = false;
      const begunMs = performance.now();
      try {
        const jobs = await journal.claim({ free: Math.max(0, desk.slots - atWork.size), reserved });
        for (const job of jobs) takeUp(desk, job, wake);
      } catch (err) {
        if (!stopping.aborted) tools.log.warn({ err }, "no job could be claimed; it is tried again");
      }
      const endedMs = performance.now();
      notBeforeMs = endedMs + Math.min(PEACE * (endedMs - begunMs), LONGEST_PEACE_MS);
    }
    claiming = undefined;
  };
  const wake = (): void => {
    asked = true;
    if (!stopping.aborted) claiming ??= claim();
  };
  return { wake, idle: async () => await claiming };
}

function takeUp(desk: Desk, job: ClaimedJob, wake: () => void): void {
  const { atWork, tools, journal } = desk;
  const kind = jobKindSchema.safeParse(job.kind);
  if (!kind.success || atWork.has(job.id)) return; // only kinds with a cap are claimed, and none twice
  const operation = OPERATIONS[kind.data];
  const cancel = new AbortController();
  const letGo = new AbortController();
  if (job.cancel_requested && !job.committed) cancel.abort();
  const { report } = createReporter((index, progress) => journal.report(job.id, index, progress), {
    log: tools.log,
    signal: letGo.signal,
  });
  const run = async (): Promise<void> => {
    try {
      const dropped = AbortSignal.any([letGo.signal, desk.stopping]);
      await runJob({ job, operation, tools, report, cancelled: cancel.signal, letGo: dropped });
    } catch (err) {
      if (!(err instanceof LetGo)) await layDown(desk, job, err);
    } finally {
      letGo.abort(); // a step that did not listen, or a progress that is late, is of no use any more
      atWork.delete(job.id);
      wake();
    }
  };
  atWork.set(job.id, { cancel, letGo, ended: run() });
}

const GIVEN_UP = { code: "internal", message: "The job was given up halfway; the log has the cause." } as const;

/** Nothing that a step does comes here: it is a bug, or a job that another version wrote down. */
async function layDown({ journal, tools }: Desk, job: ClaimedJob, err: unknown): Promise<void> {
  tools.log.error({ err, jobId: job.id, kind: job.kind }, "a job was given up halfway");
  const to = { state: "stuck", error: GIVEN_UP, advice: "Look at the server's log, then retry." } as const;
  await journal
    .change({ jobId: job.id, steps: [], to, unlessCancelled: false })
    .catch((cause: unknown) => tools.log.error({ err: cause, jobId: job.id }, "it goes back into the queue"));
}
