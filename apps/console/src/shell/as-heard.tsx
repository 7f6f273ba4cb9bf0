"use client";
/** What this page shows is the server's; once the server is not heard any more, none of it is drawn as if it were known. */
import type { ReactNode } from "react";
import { Freshness } from "../ui/freshness.tsx";
import { useConnection } from "./connection.ts";

export function AsHeard({ children }: { children: ReactNode }) {
  return <Freshness stale={useConnection() === "lost"}>{children}</Freshness>;
}
