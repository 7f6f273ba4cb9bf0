"use client";
/** Changes that end by themselves: those to come, which can be kept from it, and what became of the last ones. */
import { LIMITS } from "@muster/model/limits/registry";
import type { TimedChange } from "@muster/model/vps";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import Link from "next/link";
import type { ReactNode } from "react";
import { aheadText } from "../limits/ahead.ts";
import { namesIn } from "../limits/draft.ts";
import { formatLimit } from "../limits/value.ts";
import { paths } from "../paths.ts";
import { usePollMs } from "../shell/attended.ts";
import { SimpleTable } from "../table/simple-table.tsx";
import { useTRPC } from "../trpc/client.tsx";
import { errorViewOf } from "../trpc/error-view.ts";
import { FailedQuery } from "../trpc/failed-query.tsx";
import { ActionButton } from "../ui/action-button.tsx";
import { useNow } from "../ui/clock.ts";
import { exactTime } from "../ui/exact-time.ts";
import { Panel } from "../ui/panel.tsx";
import { RelativeTime } from "../ui/relative-time.tsx";
import { showToast } from "../ui/toasts.tsx";
import classes from "./allocations.module.css";

/** Of those that are over, the latest say enough; the history has all. */
const OVER_AT_MOST = 5;

export function TimedChanges({ vpsId }: { vpsId: string }) {
  const trpc = useTRPC();
  const query = useQuery(trpc.vps.timedChanges.queryOptions({ vpsId }, { refetchInterval: usePollMs() }));
  if (query.isError) {
    return (
      <Panel title="Timed changes">
        <FailedQuery what="The timed changes" error={query.error} onRetry={() => void query.refetch()} />
      </Panel>
    );
  }
  const items = query.data?.items ?? [];
  if (items.length === 0) return null;
  const pending = items.filter((change) => change.state === "pending");
  const over = items.filter((change) => change.state !== "pending").slice(0, OVER_AT_MOST);
  return (
    <Panel title="Timed changes" flush>
      <div className={classes.list}>
        <SimpleTable
          label="Timed changes"
          empty=""
          head={["When", "Back to", "Asked for by", "State", "Action"]}
          rows={[...pending, ...over].map((change) => ({
            key: change.id,
            cells: [
              <When key="when" change={change} />,
              backText(change),
              <span key="by" className={classes.actor}>
                {change.actor}
              </span>,
              stateText(change),
              change.state === "pending" ? <CancelButton key="cancel" change={change} /> : "",
            ],
          }))}
        />
      </div>
    </Panel>
  );
}

function When({ change }: { change: TimedChange }) {
  const nowMs = useNow();
  if (change.state !== "pending") return <RelativeTime at={change.dueAt} />;
  return (
    <time dateTime={change.dueAt} title={exactTime(change.dueAt)} suppressHydrationWarning>
      {Date.parse(change.dueAt) > nowMs ? `in ${aheadText(change.dueAt, nowMs)}` : "any moment"}
    </time>
  );
}

function backText({ back }: TimedChange): string {
  return namesIn(back)
    .map((name) => `${LIMITS[name].title} ${formatLimit(name, back[name] ?? null)}`)
    .join(", ");
}

function stateText(change: TimedChange): ReactNode {
  const { state, reason, jobId } = change;
  if (state === "fired" && jobId !== null) {
    return (
      <Link prefetch={false} href={paths.job(jobId)}>
        set back
      </Link>
    );
  }
  return reason === null ? STATE[state] : `${STATE[state]}: ${reason}`;
}

const STATE = {
  pending: "pending",
  fired: "set back",
  cancelled: "cancelled, the change stayed",
  superseded: "changed again meanwhile",
  refused: "refused",
} as const satisfies Record<TimedChange["state"], string>;

function CancelButton({ change }: { change: TimedChange }) {
  const trpc = useTRPC();
  const cache = useQueryClient();
  const cancel = useMutation(
    trpc.vps.cancelTimedChange.mutationOptions({
      onSettled: () => void cache.invalidateQueries(trpc.vps.pathFilter()),
      onError: (error) =>
        showToast({ kind: "failed", title: "It could not be cancelled", text: errorViewOf(error).message }),
    }),
  );
  return (
    <ActionButton
      size="compact-xs"
      variant="default"
      loading={cancel.isPending}
      disabledReason={null}
      label={`Cancel the return to ${backText(change)}`}
      onPress={() => cancel.mutate({ id: change.id })}
    >
      Cancel, keep the change
    </ActionButton>
  );
}
