"use client";
import { JOB_ENDED, type Job } from "@muster/model/job";
import { KIND_TITLE } from "@muster/model/job-title";
import { skipToken, useQuery } from "@tanstack/react-query";
import Link from "next/link";
import type { ReactNode } from "react";
import { paths } from "../paths.ts";
import { useTRPC } from "../trpc/client.tsx";
import { Facts } from "../ui/facts.tsx";
import { RelativeTime } from "../ui/relative-time.tsx";
import { isNodeGone, isVpsGone, useKnownFleet } from "./known-fleet.ts";
import { Span } from "./progress.tsx";

/** A retry soon follows; one that somebody asked for after so many other jobs of its kind is found in the history. */
const LOOKED_THROUGH = 50;

/** The job that tried this one again, where it is among the next of its kind there. */
function useRetriedAs(job: Job): string | null {
  const trpc = useTRPC();
  const mayHave = job.state === "failed" || job.state === "cancelled";
  const later = useQuery(
    trpc.jobs.list.queryOptions(
      mayHave ? { nodeId: job.nodeId, kinds: [job.kind], from: job.createdAt, limit: LOOKED_THROUGH } : skipToken,
    ),
  );
  return later.data?.items.find(({ retryOf }) => retryOf === job.id)?.id ?? null;
}

function JobLink({ jobId }: { jobId: string }) {
  return (
    <Link prefetch={false} href={paths.job(jobId)}>
      <code>{jobId}</code>
    </Link>
  );
}

export function JobFacts({ job }: { job: Job }) {
  const retriedAs = useRetriedAs(job);
  const known = useKnownFleet();
  const vpsText = job.vpsName ?? job.vpsId;
  const vpsCell =
    job.vpsId === null || isVpsGone(known, job.vpsId) ? (
      vpsText
    ) : (
      <Link key="vps" prefetch={false} href={paths.vps(job.vpsId)}>
        {vpsText}
      </Link>
    );
  const nodeCell = isNodeGone(known, job.nodeId) ? (
    `${job.nodeName} (no longer in the fleet)`
  ) : (
    <Link key="node" prefetch={false} href={paths.node(job.nodeId)}>
      {job.nodeName}
    </Link>
  );
  return (
    <Facts
      items={[
        ["What", KIND_TITLE[job.kind]],
        ...(job.vpsId === null ? [] : [["VPS", vpsCell] as const]),
        ["Node", nodeCell],
        ["Asked for by", job.actor],
        ["Asked for", <RelativeTime key="created" at={job.createdAt} />],
        ["Began", job.startedAt === null ? "not yet" : <RelativeTime key="started" at={job.startedAt} />],
        ...(job.cancelledBy === null ? [] : [["Cancelled by", job.cancelledBy] as const]),
        ...resumedFacts(job),
        ["Ended", endText(job)],
        [job.startedAt === null ? "Waiting" : "How long", <Span key="span" job={job} />],
        ...(job.retryOf === null ? [] : [["Tries again", <JobLink key="of" jobId={job.retryOf} />] as const]),
        ...(retriedAs === null ? [] : [["Tried again as", <JobLink key="as" jobId={retriedAs} />] as const]),
        ["Id", <code key="id">{job.id}</code>],
      ]}
    />
  );
}

function resumedFacts({ resumedBy, resumedAt }: Job) {
  if (resumedBy === null || resumedAt === null) return [];
  return [
    ["Set going again by", resumedBy],
    ["Set going again", <RelativeTime key="resumed" at={resumedAt} />],
  ] as const;
}

function endText(job: Job): ReactNode {
  if (!JOB_ENDED[job.state] || job.endedAt === null) return "not yet";
  return <RelativeTime at={job.endedAt} />;
}
