"use client";
import { LIMITS } from "@muster/model/limits/registry";
import type { NotSetBack } from "@muster/model/vps";
import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { spokenTime } from "../limits/ahead.ts";
import { namesIn } from "../limits/draft.ts";
import { limitInWords } from "../limits/value.ts";
import { paths } from "../paths.ts";
import { usePollMs } from "../shell/attended.ts";
import { useTRPC } from "../trpc/client.tsx";
import { WarningBar } from "../ui/warning-bar.tsx";
import classes from "./not-set-back-notice.module.css";

/** Above every tab of a VPS: which limits were to be what they were before by now, and why they are not. */
export function VpsNotSetBackNotice({ vpsId }: { vpsId: string }) {
  const trpc = useTRPC();
  const query = useQuery(trpc.vps.notSetBack.queryOptions({ vpsId }, { refetchInterval: usePollMs() }));
  const items = query.data?.items ?? [];
  if (items.length === 0) return null;
  return (
    <div className={classes.area}>
      <WarningBar
        action={
          <Link prefetch={false} href={paths.vps(vpsId, "resources")}>
            Resources
          </Link>
        }
      >
        {items.map((change) => (
          <p key={change.id} suppressHydrationWarning>
            {notSetBackText(change)}
          </p>
        ))}
      </WarningBar>
    </div>
  );
}

/** "Not set back on Monday 23 November at 06:00: Memory to 2 GiB, Processes to 256. Its job was cancelled." */
function notSetBackText({ back, dueAt, reason }: NotSetBack): string {
  const limits = namesIn(back).map((name) => `${LIMITS[name].title} to ${limitInWords(name, back[name] ?? null)}`);
  return `Not set back on ${spokenTime(dueAt)}: ${limits.join(", ")}. ${reason ?? ""}`.trim();
}
