"use client";
import type { NotSetBack } from "@muster/model/vps";
import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { Fragment } from "react";
import { paths } from "../paths.ts";
import { usePollMs } from "../shell/attended.ts";
import { useTRPC } from "../trpc/client.tsx";
import { WarningBar } from "../ui/warning-bar.tsx";
import classes from "./not-set-back-notice.module.css";

const NAMED_AT_MOST = 12;

/** Says of which VPSs a change was to end at its time and did not: nobody looks at that tab of each of them. */
export function NotSetBackNotice() {
  const trpc = useTRPC();
  const query = useQuery(trpc.vps.notSetBack.queryOptions({}, { refetchInterval: usePollMs() }));
  const items = query.data?.items ?? [];
  if (items.length === 0) return null;
  return (
    <div className={classes.area}>
      <WarningBar>
        {countText(items.length)} at {items.length === 1 ? "its" : "their"} time: <Names items={items} />
      </WarningBar>
    </div>
  );
}

function countText(count: number): string {
  return count === 1 ? "1 change was not set back" : `${count.toLocaleString("en-GB")} changes were not set back`;
}

function Names({ items }: { items: readonly NotSetBack[] }) {
  const nameById = new Map(items.map(({ vpsId, vpsName }) => [vpsId, vpsName]));
  const rest = nameById.size - NAMED_AT_MOST;
  return (
    <>
      {[...nameById].slice(0, NAMED_AT_MOST).map(([vpsId, name], index) => (
        <Fragment key={vpsId}>
          {index > 0 && ", "}
          <Link prefetch={false} href={paths.vps(vpsId, "resources")}>
            {name}
          </Link>
        </Fragment>
      ))}
      {rest > 0 && ` and ${rest.toLocaleString("en-GB")} more`}
    </>
  );
}
