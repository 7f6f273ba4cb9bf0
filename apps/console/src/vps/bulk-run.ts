/** One action asked of many: a job or a refusal for each, or that nobody knows, and what came of all of them. Pure. */
import type { AppRouter } from "@muster/api/root";
import type { ErrorCode, ErrorView } from "@muster/model/errors";
import { JOB_ENDED, type Job } from "@muster/model/job";
import type { Vps } from "@muster/model/vps";
import type { inferRouterInputs } from "@trpc/server";
import type { BulkActionName } from "./action-list.ts";

export type BulkAction = inferRouterInputs<AppRouter>["vps"]["bulk"]["action"];
export type BulkResult = { vpsId: string; jobId: string } | { vpsId: string; error: ErrorView };

interface Asked {
  vpsId: string;
  name: string;
  nodeName: string;
}
export type BulkRow = Asked &
  ({ outcome: "asking" } | { outcome: "job"; jobId: string } | { outcome: "refused" | "unknown"; error: ErrorView });

export interface BulkRun {
  action: BulkActionName;
  rows: BulkRow[];
}

export function newRun(action: BulkActionName, several: readonly Vps[]): BulkRun {
  const rows = several.map(
    ({ id, spec, nodeName }): BulkRow => ({ vpsId: id, name: spec.name, nodeName, outcome: "asking" }),
  );
  return { action, rows };
}

/** With these the job may be written down all the same: the answer was lost, or what was being written to. */
const NOBODY_KNOWS: ReadonlySet<ErrorCode> = new Set(["internal", "database_unavailable", "deadline_exceeded"]);

function settled({ vpsId, name, nodeName }: Asked, result: BulkResult): BulkRow {
  const asked = { vpsId, name, nodeName };
  if ("jobId" in result) return { ...asked, outcome: "job", jobId: result.jobId };
  const { error } = result;
  return { ...asked, outcome: NOBODY_KNOWS.has(error.code) ? "unknown" : "refused", error };
}

/** For a row that is unknown: what is known, and where to look. */
export function unknownText({ message }: ErrorView): string {
  return `${message} Whether it was asked for is not known: see Tasks.`;
}

export function withResults(run: BulkRun, results: readonly BulkResult[]): BulkRun {
  const known = new Map(results.map((result) => [result.vpsId, result]));
  const rows = run.rows.map((row) => {
    const result = known.get(row.vpsId);
    return result === undefined ? row : settled(row, result);
  });
  return { ...run, rows };
}

/** The server takes so many at once; smaller parts also show their results sooner. */
const PART = 100;

export function partsOf<Item>(items: readonly Item[]): Item[][] {
  return Array.from({ length: Math.ceil(items.length / PART) }, (_, part) =>
    items.slice(part * PART, (part + 1) * PART),
  );
}

export interface BulkCount {
  underWay: number;
  succeeded: number;
  /** Failed, stuck or cancelled. */
  failed: number;
  /** Whether there is a job is not known. */
  unknown: number;
  refused: number;
}

/** A job that nobody has heard of yet is under way. */
export function countOf(rows: readonly BulkRow[], jobs: ReadonlyMap<string, Job>): BulkCount {
  const count: BulkCount = { underWay: 0, succeeded: 0, failed: 0, unknown: 0, refused: 0 };
  for (const row of rows) {
    const job = row.outcome === "job" ? jobs.get(row.jobId) : undefined;
    if (row.outcome === "refused" || row.outcome === "unknown") count[row.outcome] += 1;
    else if (job === undefined || !JOB_ENDED[job.state]) count.underWay += 1;
    else if (job.state === "succeeded") count.succeeded += 1;
    else count.failed += 1;
  }
  return count;
}

/** "9 succeeded, 2 under way, 3 unknown, 1 refused" */
export function countText({ underWay, succeeded, failed, unknown, refused }: BulkCount): string {
  const parts: [number, string][] = [
    [succeeded, "succeeded"],
    [underWay, "under way"],
    [failed, "failed"],
    [unknown, "unknown"],
    [refused, "refused"],
  ];
  return parts
    .filter(([number]) => number > 0)
    .map(([number, word]) => `${number.toLocaleString("en-GB")} ${word}`)
    .join(", ");
}
