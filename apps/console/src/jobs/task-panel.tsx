"use client";
/** Always at the bottom: what runs and what ran. It is a query and a stream, so it survives a reload and shows other people's work. */
import { useLocalStorage } from "@mantine/hooks";
import { JOB_ENDED, type Job, type JobPage } from "@muster/model/job";
import { useQuery } from "@tanstack/react-query";
import { usePollMs } from "../shell/attended.ts";
import { useConnection } from "../shell/connection.ts";
import { useTRPC } from "../trpc/client.tsx";
import { errorViewOf } from "../trpc/error-view.ts";
import { Icon } from "../ui/icon.tsx";
import { StateMark } from "../ui/state-mark.tsx";
import { JobRow } from "./job-row.tsx";
import { ACTIVE_JOBS, RECENT_JOBS, STUCK_JOBS } from "./queries.ts";
import { JobStateShape } from "./state.tsx";
import classes from "./task-panel.module.css";
import { jobTitle, OUTCOME } from "./words.ts";

export function TaskPanel() {
  const trpc = useTRPC();
  const [open, setOpen] = useLocalStorage({ key: "muster-tasks-open", defaultValue: true });
  const query = useQuery(trpc.jobs.list.queryOptions(RECENT_JOBS, { refetchInterval: usePollMs() }));
  const waiting = useQuery(trpc.jobs.list.queryOptions(STUCK_JOBS, { refetchInterval: usePollMs() }));
  const underWay = useQuery(trpc.jobs.list.queryOptions(ACTIVE_JOBS, { refetchInterval: usePollMs() }));
  const connection = useConnection();
  const recent = query.data?.items ?? [];
  const stuck = waiting.data?.items.filter(isStuck) ?? [];
  // First what waits for a person, however old it is.
  const jobs = [...stuck, ...recent.filter((job) => !stuck.some(({ id }) => id === job.id))];
  const active = [...jobs, ...(underWay.data?.items ?? [])].find(isActive);
  const activeCount = Math.max(stillIn(underWay.data, isActive), jobs.filter(isActive).length);

  return (
    <section className={classes.panel} aria-label="Tasks">
      <button type="button" className={classes.bar} aria-expanded={open} onClick={() => setOpen(!open)}>
        <Icon name={open ? "chevronDown" : "chevronUp"} size={12} />
        <span className={classes.title}>Tasks</span>
        <span className={classes.summary}>
          {activeCount > 1 ? `${activeCount} are under way` : summary(active, recent)}
        </span>
        {stuck.length > 0 && <StateMark filled tone="stuck" label={stuckText(stillIn(waiting.data, isStuck), stuck)} />}
        {connection === "lost" && <span className={classes.lost}>Not connected: what you see may be old</span>}
      </button>
      {open && (
        <div className={classes.scroll}>
          {query.isError && (
            <p className={classes.text}>The jobs could not be read. {errorViewOf(query.error).message}</p>
          )}
          {query.isPending && <p className={classes.text}>Loading…</p>}
          {query.isSuccess && jobs.length === 0 && (
            <p className={classes.text}>Nothing has been done yet. What you start shows here, step by step.</p>
          )}
          <ul className={classes.list}>
            {jobs.map((job) => (
              <JobRow key={job.id} job={job} />
            ))}
          </ul>
        </div>
      )}
    </section>
  );
}

function isActive(job: Job): boolean {
  return !JOB_ENDED[job.state];
}

function isStuck(job: Job): boolean {
  return job.state === "stuck";
}

/** A page's total is as it was when asked; its jobs move since, and some belong no longer. */
function stillIn(page: Pick<JobPage, "items" | "total"> | undefined, belongs: (job: Job) => boolean): number {
  return page === undefined ? 0 : page.total - page.items.filter((job) => !belongs(job)).length;
}

function summary(active: Job | undefined, recent: readonly Job[]) {
  if (active !== undefined) return `${jobTitle(active)}: ${OUTCOME[active.state]}`;
  const [last] = recent;
  if (last === undefined) return "";
  return (
    <>
      <JobStateShape state={last.state} /> {jobTitle(last)} {OUTCOME[last.state]}
    </>
  );
}

function stuckText(total: number, [first]: readonly Job[]): string {
  if (total > 1) return `${total} jobs are stuck and wait for you`;
  return first === undefined ? "" : `${jobTitle(first)} is stuck and waits for you`;
}
