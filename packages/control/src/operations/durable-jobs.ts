/**
 * Jobs on DBOS: what was written down is done, whatever dies meanwhile. DBOS keeps its record in a schema of its own
 * in the same database. Traps that were met, and what is done about each:
 *
 * - Recovery looks for workflows of the same executor and version, so both are fixed: a restarted server finds its
 *   jobs whatever was deployed. Operations are therefore changed as migrations are: old inputs must still parse.
 * - Two first launches at once crash on DBOS's own schema migration: it runs under an advisory lock.
 * - A job may be written down and its process die before DBOS knows of it, and DBOS gives a workflow up when its
 *   own error handling fails: a sweep compares unfinished jobs with what is at work here and starts them again.
 * - Jobs are started directly. DBOS's queues are polled once a second, which is no way to start a VPS in 400 ms.
 */
import { DBOS } from "@dbos-inc/dbos-sdk";
import { lockWhile } from "@muster/db/migrate";
import type { JobKind } from "@muster/model/job";
import type { UnfinishedJob } from "../jobs/store.ts";
import type { Log } from "../log.ts";
import type { Outcome } from "./attempt.ts";
import { OPERATIONS } from "./registry.ts";
import { type JobTools, runJob } from "./run-job.ts";

const APPLICATION = "muster";
const APPLICATION_VERSION = "1";
const SWEEP_MS = 5_000;
/** Two connections of these are DBOS's own: one listens, one polls. */
const POOL_SIZE = 8;

export interface DurableJobs {
  /** Returns when the job is under way or has been left to the sweep; it never throws. */
  begin(job: { id: string; kind: JobKind; input: object }): Promise<void>;
  /** Starts again what should be at work and is not. The sweep calls it; tests do too. */
  sweep(): Promise<void>;
  close(): Promise<void>;
}

export interface DurableJobsOptions {
  databaseUrl: string;
  /** Stands for this server in DBOS's record; the same after a restart, another on every server of a fleet. */
  serverId: string;
  tools: Omit<JobTools, "durable" | "stopping">;
  stop: AbortController;
}

type Workflow = (jobId: string, input: unknown) => Promise<void>;

export async function launchDurableJobs(options: DurableJobsOptions): Promise<DurableJobs> {
  const { tools, stop, serverId } = options;
  const atWork = new Set<string>();
  const jobTools: JobTools = {
    ...tools,
    stopping: stop.signal,
    durable: (name, work) => DBOS.runStep<Outcome>(work, { name }),
  };
  const workflows = register(jobTools, atWork);
  DBOS.setConfig({
    name: APPLICATION,
    applicationVersion: APPLICATION_VERSION,
    executorID: serverId,
    systemDatabaseUrl: options.databaseUrl,
    systemDatabasePoolSize: POOL_SIZE,
    // It would be set by a query that pg calls deprecated, once for every connection.
    systemDatabaseIdleTransactionTimeoutMs: 0,
    logger: quieter(tools.log),
  });
  await lockWhile(options.databaseUrl, () => DBOS.launch());

  const begin = async (job: UnfinishedJob): Promise<void> => {
    const workflow = workflows.get(job.kind);
    if (workflow === undefined) {
      return tools.log.error({ jobId: job.id, kind: job.kind }, "a job of a kind that this version does not know");
    }
    try {
      await DBOS.startWorkflow(workflow, { workflowID: job.id })(job.id, job.input);
    } catch (err) {
      tools.log.warn({ err, jobId: job.id }, "a job could not be started; it will be tried again");
    }
  };
  const sweep = sweeper({ tools, atWork, serverId, begin });
  const timer = setInterval(() => void sweep(), SWEEP_MS);
  return {
    begin,
    sweep,
    close: async () => {
      clearInterval(timer);
      stop.abort();
      await DBOS.shutdown({ deregister: true });
    },
  };
}

function register(tools: JobTools, atWork: Set<string>): ReadonlyMap<string, Workflow> {
  return new Map(
    Object.values(OPERATIONS).map((operation) => {
      const run: Workflow = async (jobId, input) => {
        atWork.add(jobId);
        try {
          await runJob({ id: jobId, operation, input, tools });
        } finally {
          atWork.delete(jobId);
        }
      };
      return [operation.kind, DBOS.registerWorkflow(run, { name: operation.kind })];
    }),
  );
}

interface Sweep {
  tools: Pick<JobTools, "jobs" | "log">;
  atWork: ReadonlySet<string>;
  serverId: string;
  begin(job: UnfinishedJob): Promise<void>;
}

/** Only what is still there on a second look is touched: a job begins a moment after it was written down. */
function sweeper({ tools, atWork, serverId, begin }: Sweep): () => Promise<void> {
  let seenBefore = new Set<string>();
  const revive = async (job: UnfinishedJob): Promise<void> => {
    const status = await DBOS.getWorkflowStatus(job.id);
    if (status === null) return await begin(job);
    if (status.executorId !== serverId || status.status === "ENQUEUED") return;
    tools.log.warn({ jobId: job.id, status: status.status }, "a job lay still; it goes on");
    if (status.status === "PENDING") await DBOS.resumeWorkflow(job.id);
    else await tools.jobs.change({ jobId: job.id, steps: [], job: { state: "stuck", error: LAID_DOWN } });
  };
  return async () => {
    try {
      const idle = (await tools.jobs.unfinished()).filter((job) => !atWork.has(job.id));
      for (const job of idle) if (seenBefore.has(job.id)) await revive(job);
      seenBefore = new Set(idle.map((job) => job.id));
    } catch (err) {
      tools.log.warn({ err }, "unfinished jobs could not be looked at");
    }
  };
}

const LAID_DOWN = { code: "internal", message: "The job was given up halfway; the log has the cause." } as const;

/** DBOS tells much that is nobody's business here; its warnings and errors are ours. */
function quieter(log: Log) {
  return {
    info: () => {},
    debug: () => {},
    warn: (entry: unknown) => log.warn({}, String(entry)),
    error: (entry: unknown, metadata?: { error?: unknown }) => log.error({ err: metadata?.error }, String(entry)),
  };
}
