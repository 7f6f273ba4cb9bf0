/**
 * The last word of the history on each VPS: the newest of its jobs that succeeded and decides whether it runs, and the
 * newest that decides its name, agree with the books. A job that failed or was cancelled was taken back: it decides nothing.
 *
 * Not judged, since it could only be guessed:
 * - a create or a rename of which no caller heard that it was taken on: no job's view has what it was asked for. One that was
 *   asked for again is another job, and stands for what was asked for first.
 * - a VPS of which a newer job of these kinds could not be taken back: how far that one came is what nobody knows.
 */
import type { Job } from "@muster/client";
import type { FleetVps } from "./history.ts";
import type { ChaosRecord } from "./record.ts";

interface Books {
  jobs: readonly Job[];
  vpss: readonly FleetVps[];
  record: ChaosRecord;
}
type Kinds = ReadonlySet<Job["kind"]>;

const POWER: Kinds = new Set<Job["kind"]>(["vps.create", "vps.start", "vps.stop", "vps.restart"]);
const NAMING: Kinds = new Set<Job["kind"]>(["vps.create", "vps.rename"]);

export function lastWordFindings({ jobs, vpss, record }: Books): string[] {
  const byId = new Map(jobs.map((job) => [job.id, job]));
  const first = (job: Job) => firstAsked(job, byId);
  return vpss.flatMap(({ id, state, spec }) => {
    const own = jobs.filter(({ vpsId }) => vpsId === id);
    const [power, naming] = [lastWord(own, POWER), lastWord(own, NAMING)];
    return [
      ...disagreement(`VPS ${id}`, {
        is: state,
        by: power,
        said: power && stateAfter(power, record.starts.get(first(power))),
      }),
      ...disagreement(`the name of VPS ${id}`, {
        is: spec.name,
        by: naming,
        said: naming && nameAfter(naming, record.names.get(first(naming))),
      }),
    ];
  });
}

const isHalfBack = ({ state, steps }: Job) => state === "stuck" || steps.some((step) => step.state === "undo_failed");

/** Null: there is none, or it is not known. */
function lastWord(jobs: readonly Job[], kinds: Kinds): Job | null {
  const words = jobs.filter((job) => kinds.has(job.kind) && (job.state === "succeeded" || isHalfBack(job)));
  const endOf = ({ endedAt }: Job) => Date.parse(endedAt ?? "");
  const [newest] = words.toSorted((one, other) => endOf(other) - endOf(one));
  return newest?.state === "succeeded" ? newest : null;
}

/** The job that it tries again, or that one does, and so on: all of them were asked for the same. */
function firstAsked({ id, retryOf }: Job, byId: ReadonlyMap<string, Job>): string {
  const before = retryOf === null ? undefined : byId.get(retryOf);
  return before === undefined ? id : firstAsked(before, byId);
}

/** Null: not known. */
function stateAfter({ kind }: Job, started: boolean | undefined): FleetVps["state"] | null {
  if (kind === "vps.stop") return "stopped";
  if (kind !== "vps.create") return "running";
  if (started === undefined) return null;
  return started ? "running" : "stopped";
}

/** A job has the name that its VPS had when it was asked for: of a create the one that it gives. */
function nameAfter({ kind, vpsName }: Job, given: string | undefined): string | null {
  return kind === "vps.create" ? vpsName : (given ?? null);
}

function disagreement(what: string, { is, by, said }: { is: string; by: Job | null; said: string | null }): string[] {
  if (by === null || said === null || is === said) return [];
  return [`${what} is ${is}, and should be ${said} since job ${by.id} (${by.kind})`];
}
