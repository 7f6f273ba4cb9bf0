"use client";
/** Who changed what, when, from what, to what: as a chart against real use, and as a list with the way back. */
import { Select, Skeleton, Switch } from "@mantine/core";
import { LIMIT_NAMES, LIMITS, type LimitName, limitNameSchema } from "@muster/model/limits/registry";
import type { AllocationChange, Vps } from "@muster/model/vps";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { JobOutcome, useJob } from "../limits/job-outcome.tsx";
import { LimitChart } from "../metrics/limit-chart.tsx";
import { usePollMs } from "../shell/attended.ts";
import { useTRPC } from "../trpc/client.tsx";
import { FailedQuery } from "../trpc/failed-query.tsx";
import { Panel } from "../ui/panel.tsx";
import { AllocationList } from "./allocation-list.tsx";
import classes from "./allocations.module.css";
import { SetBackDialog } from "./set-back-dialog.tsx";

/** The one that was changed last; of a VPS where none was, the first. */
function lastChanged(changes: readonly AllocationChange[]): LimitName {
  return changes.find((change) => change.from !== undefined)?.limit ?? LIMIT_NAMES[0];
}

export function Allocations({ vps }: { vps: Vps }) {
  const trpc = useTRPC();
  const query = useQuery(trpc.vps.allocations.queryOptions({ vpsId: vps.id }, { refetchInterval: usePollMs() }));
  if (query.isPending) {
    return (
      <Panel title="Allocation history">
        <div role="status" aria-label="Loading the history">
          <Skeleton height={210} />
        </div>
      </Panel>
    );
  }
  if (query.isError) {
    return (
      <Panel title="Allocation history">
        <FailedQuery what="The history" error={query.error} onRetry={() => void query.refetch()} />
      </Panel>
    );
  }
  return <History vps={vps} changes={query.data.items} />;
}

function History({ vps, changes }: { vps: Vps; changes: readonly AllocationChange[] }) {
  const [chosen, setChosen] = useState<LimitName | null>(null);
  const [onlyChosen, setOnlyChosen] = useState(false);
  const [back, setBack] = useState<AllocationChange | null>(null);
  const [jobId, setJobId] = useState<string | null>(null);
  const job = useJob(jobId);
  const name = chosen ?? lastChanged(changes);
  return (
    <>
      <LimitChart
        vps={vps}
        name={name}
        changes={changes}
        aside={
          <Select
            size="xs"
            w={200}
            aria-label="Limit in the chart"
            data={LIMIT_NAMES.map((each) => ({ value: each, label: LIMITS[each].title }))}
            value={name}
            onChange={(value) => setChosen(limitNameSchema.nullable().parse(value))}
          />
        }
      />
      <Panel
        title="Allocation history"
        flush
        aside={
          <Switch
            size="xs"
            label={`Only ${LIMITS[name].title}`}
            checked={onlyChosen}
            onChange={(event) => setOnlyChosen(event.currentTarget.checked)}
          />
        }
      >
        {job !== undefined && (
          <div className={classes.outcome}>
            <JobOutcome job={job} done="Set back, with an entry of its own below." />
          </div>
        )}
        <AllocationList vps={vps} changes={changes} only={onlyChosen ? name : null} onSetBack={setBack} />
      </Panel>
      {back !== null && <SetBackDialog vps={vps} change={back} onClose={() => setBack(null)} onStarted={setJobId} />}
    </>
  );
}
