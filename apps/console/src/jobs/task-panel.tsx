"use client";
/** Always at the bottom: what runs and what ran. It is a query and a stream, so it survives a reload and shows other people's work. */
import { useLocalStorage } from "@mantine/hooks";
import { JOB_ENDED, type Job } from "@muster/model/job";
import { useQuery } from "@tanstack/react-query";
import { usePollMs } from "../shell/attended.ts";
import { useConnection } from "../shell/connection.ts";
import { useTRPC } from "../trpc/client.tsx";
import { errorViewOf } from "../trpc/error-view.ts";
import { Icon } from "../ui/icon.tsx";
import { StateMark } from "../ui/state-mark.tsx";
import { JobRow } from "./job-row.tsx";
import { RECENT_JOBS, STUCK_JOBS } from "./queries.ts";
import { JobStateShape } from "./state.tsx";
import classes from "./task-panel.module.css";
import { jobTitle, OUTCOME } from "./words.ts";

export function TaskPanel() {
  const trpc = useTRPC();
  const [open, setOpen] = useLocalStorage({ key: "muster-tasks-open", defaultValue: true });
  const query = useQuery(trpc.jobs.list.queryOptions(RECENT_JOBS, { refetchInterval: usePollMs() }));
  const waiting = useQuery(trpc.jobs.list.queryOptions(STUCK_JOBS, { refetchInterval: usePollMs() }));
  const connection = useConnection();
  const recent = query.data?.items ?? [];
  const stuck = waiting.data?.items.filter((job) => job.state === "stuck") ?? [];
  // First what waits for a person, however old it is.
  const jobs = [...stuck, ...recent.filter((job) => !stuck.some(({ id }) => id === job.id))];
  const active = jobs.filter((job) => !JOB_ENDED[job.state]);

  return (
    <section className={classes.panel} aria-label="Tasks">
      <button type="button" className={classes.bar} aria-expanded={open} onClick={() => setOpen(!open)}>
        <Icon name={open ? "chevronDown" : "chevronUp"} size={12} />
        <span className={classes.title}>Tasks</span>
        <span className={classes.summary}>{summary(active, recent)}</span>
        {stuck.length > 0 && (
          <StateMark filled tone="stuck" label={stuckText(waiting.data?.total ?? stuck.length, stuck)} />
        )}
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

function summary(active: readonly Job[], jobs: readonly Job[]) {
  const [first] = active;
  if (first !== undefined)
    return active.length === 1 ? `${jobTitle(first)}: ${OUTCOME[first.state]}` : `${active.length} are under way`;
  const [last] = jobs;
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
