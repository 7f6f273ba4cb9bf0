/**
 * The history of jobs as a file: CSV (RFC 4180) for a spreadsheet, a line for each job with the outcome of every step;
 * JSON for everything else, as the API has it.
 *
 * A spreadsheet takes a cell that begins with one of these signs for a formula, and names and errors are other people's
 * words: such a cell is given an apostrophe, which makes it text (OWASP, "CSV Injection").
 */
import type { Fleet, JobFilter } from "@muster/control/fleet";
import type { Job, JobStep } from "@muster/model/job";
import { z } from "zod";

export const exportFormatSchema = z.enum(["csv", "json"]);

export interface ExportRequest {
  filter: JobFilter;
  format: z.infer<typeof exportFormatSchema>;
}

const PAGE = 500;
const LONGEST = 20_000;
const FORMULA = /^[=+\-@\t\r]/;

const COLUMNS: Record<string, (job: Job) => string | null> = {
  id: (job) => job.id,
  kind: (job) => job.kind,
  state: (job) => job.state,
  actor: (job) => job.actor,
  node: (job) => job.nodeName,
  nodeId: (job) => job.nodeId,
  vps: (job) => job.vpsName,
  vpsId: (job) => job.vpsId,
  createdAt: (job) => job.createdAt,
  startedAt: (job) => job.startedAt,
  endedAt: (job) => job.endedAt,
  durationMs: ({ startedAt, endedAt }) => durationMs(startedAt, endedAt),
  errorCode: (job) => job.error?.code ?? null,
  error: (job) => job.error?.message ?? null,
  advice: (job) => job.advice,
  cancelledBy: (job) => job.cancelledBy,
  resumedBy: (job) => job.resumedBy,
  resumedAt: (job) => job.resumedAt,
  retryOf: (job) => job.retryOf,
  steps: (job) => job.steps.map(stepText).join("; "),
};

export async function exportJobs(jobs: Pick<Fleet["jobs"], "list">, { filter, format }: ExportRequest) {
  const { found, truncated } = await all(jobs, filter);
  const fileName = `muster-jobs-${new Date().toISOString().slice(0, 10)}.${format}`;
  return { fileName, truncated, ...VIEWS[format](found) };
}

/** Page by page, the newest first: beyond the longest the file says that there is more. */
async function all(jobs: Pick<Fleet["jobs"], "list">, filter: JobFilter) {
  const found: Job[] = [];
  let cursor: string | null = null;
  do {
    const page = await jobs.list({ ...filter, cursor: cursor ?? undefined, limit: PAGE });
    found.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== null && found.length < LONGEST);
  return { found: found.slice(0, LONGEST), truncated: cursor !== null };
}

const VIEWS = {
  csv: (jobs: readonly Job[]) => ({ contentType: "text/csv; charset=utf-8; header=present", text: csvOf(jobs) }),
  json: (jobs: readonly Job[]) => ({ contentType: "application/json", text: `${JSON.stringify(jobs, null, 1)}\n` }),
} as const satisfies Record<ExportRequest["format"], unknown>;

function csvOf(jobs: readonly Job[]): string {
  const columns = Object.values(COLUMNS);
  const lines = jobs.map((job) => columns.map((column) => cellOf(column(job) ?? "")).join(","));
  return [Object.keys(COLUMNS).join(","), ...lines, ""].join("\r\n");
}

function cellOf(text: string): string {
  const harmless = FORMULA.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

function stepText({ name, state, startedAt, endedAt, error }: JobStep): string {
  const took = durationMs(startedAt, endedAt);
  const why = error === null ? "" : ` (${error.code}: ${error.message})`;
  return `${name} ${state}${took === null ? "" : ` ${took} ms`}${why}`;
}

function durationMs(startedAt: string | null, endedAt: string | null): string | null {
  return startedAt === null || endedAt === null ? null : String(Date.parse(endedAt) - Date.parse(startedAt));
}
