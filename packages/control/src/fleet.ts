/**
 * The public face of the control plane: every noun of the fleet and what may be asked of it. The API's
 * procedures call exactly this, one call each; `createFleet` (create-fleet.ts) is the one composition root behind it.
 *
 * Failures are MusterErrors. `actor` is who asked, as it will stand in the history ("ada@example.org").
 */
import type { Exec, ExecResult, ImportTemplate, OpenTerminal, TerminalOutput } from "@muster/agent-api/agent";
import type { ErrorView } from "@muster/model/errors";
import type { Job, JobKind, JobPage, JobState } from "@muster/model/job";
import type { Overcommit } from "@muster/model/limits/overcommit";
import type { LimitsPreview } from "@muster/model/limits/preview";
import type { LimitName, LimitsChange } from "@muster/model/limits/registry";
import type { NodeRate, VpsRate } from "@muster/model/metrics/rate";
import type { NodeDetail, NodeSummary, Orphan } from "@muster/model/node";
import type { AllocationChange, NotSetBack, TimedChange, Vps, VpsPage, VpsSpec, VpsState } from "@muster/model/vps";

export interface VpsQuery {
  nodeId?: string | undefined;
  /** As the model's vps-search.ts has it: "state:running node:atlas web". */
  search?: string | undefined;
  sort?: { field: VpsSortField; direction: "asc" | "desc" } | undefined;
  cursor?: string | undefined;
  limit: number;
}
export type VpsSortField = "name" | "state" | "node" | "address" | "memoryBytes" | "cpuCores" | "createdAt";

/** What of the history is meant; all that is given must hold. */
export interface JobFilter {
  vpsId?: string | undefined;
  nodeId?: string | undefined;
  kinds?: readonly JobKind[] | undefined;
  states?: readonly JobState[] | undefined;
  actor?: string | undefined;
  /** Part of the name of the VPS or of the node, as it was then. */
  search?: string | undefined;
  /** ISO times of creation: from, included, to, not included. */
  from?: string | undefined;
  to?: string | undefined;
  /** True: only those that have not ended. */
  active?: boolean | undefined;
}
export interface JobQuery extends JobFilter {
  cursor?: string | undefined;
  limit: number;
}

/** What every request has that becomes a job of its own. */
interface JobRequest {
  actor: string;
  /** The job that this one tries again: said by `jobs.retry` alone, and written down with the new job. */
  retryOf?: string | undefined;
}
export interface CreateVpsRequest extends JobRequest {
  nodeId: string;
  spec: VpsSpec;
  start: boolean;
}
export interface VpsRequest extends JobRequest {
  vpsId: string;
}
export interface SetLimitsRequest extends VpsRequest {
  limits: LimitsChange;
  /** ISO time at which it is set back by itself, by a job of its own. */
  until?: string | undefined;
}
/** The same asked of many; each becomes a job of its own, or is refused by itself. */
export type BulkAction =
  | { type: "start" | "stop" | "restart" | "delete" }
  | { type: "setLimits"; limits: LimitsChange; until?: string | undefined };
export interface BulkRequest {
  vpsIds: readonly string[];
  action: BulkAction;
  actor: string;
}
export type BulkResult = { vpsId: string; jobId: string } | { vpsId: string; error: ErrorView };

export interface TreeVps {
  id: string;
  name: string;
  state: VpsState;
  address: string;
}
export interface FleetTree {
  nodes: { node: NodeSummary; vps: TreeVps[]; vpsTotal: number }[];
}
/** Something changed there: ask again. Null: the node itself. `id` resumes nothing, it only tells events apart. */
export interface FleetChange {
  id: string;
  nodeId: string;
  vpsId: string | null;
}
/** `id` is what a watcher gives back as `afterEventId` to go on where it was cut off. */
export interface JobChange {
  id: string;
  job: Job;
}

export type Live<Point> = { type: "history"; points: Point[] } | { type: "point"; point: Point };
/** Oldest first; a gap is a point with null rates. */
export interface Day<Point> {
  intervalMs: number;
  points: Point[];
}

export interface EnrolRequest {
  token: string;
  /** Of the public key that the certificate is for; the caller sees to it that the agent proves that it holds it. */
  publicKeySha256: string;
  /** host:port at which the agent will be asked. */
  address: string;
  hostname: string;
  simulated: boolean;
}

export type AnnouncedNode = Pick<EnrolRequest, "address" | "hostname" | "simulated"> & { nodeId: string };

export interface FleetHealth {
  database: "available" | "unavailable";
  nodes: { total: number; healthy: number };
}

export interface Fleet {
  tree(): Promise<FleetTree>;
  watch(signal: AbortSignal): AsyncIterable<FleetChange>;
  /** Never throws: it is what /healthz prints. */
  health(): Promise<FleetHealth>;

  nodes: {
    list(): Promise<NodeSummary[]>;
    get(nodeId: string): Promise<NodeDetail>;
    /** Holds for what is asked from now on; what was promised already stays promised. */
    setOvercommit(request: { nodeId: string; overcommit: Overcommit; actor: string }): Promise<void>;
    /**
     * state_conflict while it has VPSs, unless they are to be forgotten with it: they go on running there, unknown to
     * this fleet. A node that does not answer can be removed too.
     */
    remove(request: JobRequest & { nodeId: string; forgetVps: boolean }): Promise<{ jobId: string }>;
    orphans(): Promise<Orphan[]>;
  };
  vps: {
    list(query: VpsQuery): Promise<VpsPage>;
    get(vpsId: string): Promise<Vps>;
    /** The first free address of the node's network; null when it is full or not yet known. */
    suggestAddress(nodeId: string): Promise<string | null>;
    create(request: CreateVpsRequest): Promise<{ jobId: string; vpsId: string }>;
    start(request: VpsRequest): Promise<{ jobId: string }>;
    stop(request: VpsRequest): Promise<{ jobId: string }>;
    restart(request: VpsRequest): Promise<{ jobId: string }>;
    delete(request: VpsRequest): Promise<{ jobId: string }>;
    /** overcommitted, below_use, unsupported (with the node's reason), invalid_input (nothing differs; `until` has passed), busy, state_conflict */
    setLimits(request: SetLimitsRequest): Promise<{ jobId: string }>;
    /** name_taken, busy, state_conflict */
    rename(request: VpsRequest & { name: string }): Promise<{ jobId: string }>;
    /** One result per VPS, in the order asked: a job, or why there is none. */
    bulk(request: BulkRequest): Promise<BulkResult[]>;
    /** What such a change would mean for the nodes of these VPSs, and which would be refused; changes nothing. */
    previewLimits(request: { vpsIds: readonly string[]; limits: LimitsChange }): Promise<LimitsPreview>;
    /** As the kernel of its node holds them now. */
    readLimits(vpsId: string, names?: LimitName[]): Promise<LimitsChange>;
    /** Newest first; it outlives the VPS. */
    allocations(vpsId: string): Promise<AllocationChange[]>;
    /** Pending ones first, then the latest of the others. */
    timedChanges(vpsId: string): Promise<TimedChange[]>;
    /** Of one VPS or of all: what was not set back at its time, nor changed again since. The latest first. */
    notSetBack(query: { vpsId?: string | undefined }): Promise<NotSetBack[]>;
    /** The change stays; state_conflict when it has fired already. */
    cancelTimedChange(request: { id: string; actor: string }): Promise<void>;
    /** Takes a VPS that is on a node and in no inventory into the inventory, as it is. name_taken, address_taken, not_found */
    adopt(request: VpsRequest & { nodeId: string }): Promise<{ jobId: string }>;
    exec(request: Exec): Promise<ExecResult>;
  };
  terminal: {
    open(request: OpenTerminal): Promise<{ terminalId: string }>;
    write(request: { vpsId: string; terminalId: string; data: string }): Promise<void>;
    resize(request: { vpsId: string; terminalId: string; columns: number; rows: number }): Promise<void>;
    close(request: { vpsId: string; terminalId: string }): Promise<void>;
    output(
      request: { vpsId: string; terminalId: string; afterSeq: number },
      signal: AbortSignal,
    ): AsyncIterable<TerminalOutput>;
  };
  templates: {
    import(request: JobRequest & Omit<ImportTemplate, "key"> & { nodeId: string }): Promise<{ jobId: string }>;
  };
  jobs: {
    /** Newest first. */
    list(query: JobQuery): Promise<JobPage>;
    get(jobId: string): Promise<Job>;
    /** Who has asked for jobs, for a filter's choices. */
    actors(): Promise<string[]>;
    /**
     * A job that waits is taken back at once, one that runs before its point of no return as soon as its step lets go.
     * state_conflict when `jobCan.cancel` says no.
     */
    cancel(request: { jobId: string; actor: string }): Promise<void>;
    /**
     * A stuck job goes on where it stood, under its own id; one that failed or was cancelled is asked for again with
     * the same input, as a new job. Whatever refuses such a request refuses this.
     */
    retry(request: { jobId: string; actor: string }): Promise<{ jobId: string }>;
    /** Every change of every job from now on, or from `afterEventId` on: listens first, then reads, so none is missed. */
    watch(request: { afterEventId: string | null }, signal: AbortSignal): AsyncIterable<JobChange>;
  };
  metrics: {
    nodeLive(nodeId: string, signal: AbortSignal): AsyncIterable<Live<NodeRate>>;
    vpsLive(vpsId: string, signal: AbortSignal): AsyncIterable<Live<VpsRate>>;
    nodeDay(nodeId: string): Promise<Day<NodeRate>>;
    vpsDay(vpsId: string): Promise<Day<VpsRate>>;
  };
  enrolment: {
    /** `muster1.<fingerprint of the CA>.<secret>`; only the hash of the secret is kept. */
    createToken(request: { actor: string }): Promise<{ token: string; expiresAt: string; enrolUrl: string }>;
    /**
     * Spends the token and makes the node, both or neither: a signature that fails leaves the token good.
     * An agent that lost the answer asks again with the same key: while the token lasts it gets the same node.
     * token_invalid when it is wrong, used for another key or expired, without saying which.
     * @param sign gives the certificate for the node's id.
     */
    claim(
      request: EnrolRequest,
      sign: (nodeId: string) => Promise<string>,
    ): Promise<{ nodeId: string; name: string; certificatePem: string }>;
    /**
     * An agent that no server has asked for a while says that it is there; the caller sees to it that it proves who it
     * is. forbidden when this fleet does not know it, unless the server was started to adopt: then it gets its place back.
     */
    announce(node: AnnouncedNode): Promise<"known" | "readmitted">;
  };
  firstRun: {
    /** Whether there is no administrator yet. */
    needed(): Promise<boolean>;
    /** A new first-run token in place of the last; null when there is an administrator already. */
    issueToken(): Promise<string | null>;
    /**
     * Spends the token inside one serialisable transaction in which `makeAdministrator` runs too; of two at once one
     * wins. token_invalid when it is wrong or used, state_conflict when there is an administrator.
     */
    complete<T>(token: string, makeAdministrator: (transaction: FirstRunTransaction) => Promise<T>): Promise<T>;
  };
  /** Stops watching and lets go of every connection; jobs under way go on at the next start. */
  close(): Promise<void>;
}

/** The Prisma client inside the transaction; better-auth's Prisma adapter takes it. */
export type FirstRunTransaction = import("@muster/db/client").Transaction;
