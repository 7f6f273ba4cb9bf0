"use client";
import { Button } from "@mantine/core";
import dynamic from "next/dynamic";
import { useState } from "react";
import { orphanCountText } from "../nodes/orphan-count.ts";
import { WarningBar } from "../ui/warning-bar.tsx";
import classes from "./orphans-notice.module.css";

const Orphans = dynamic(() => import("../nodes/orphans.tsx").then((file) => file.Orphans), { ssr: false });

/** Says that there is something that nobody manages; opened, what it is and where. */
export function OrphansNotice({ count }: { count: number }) {
  const [open, setOpen] = useState(false);
  if (count === 0) return null;
  return (
    <div className={classes.area}>
      <WarningBar
        action={
          <Button variant="default" size="compact-sm" aria-expanded={open} onClick={() => setOpen(!open)}>
            {open ? "Hide" : "Show"}
          </Button>
        }
      >
        {orphanCountText(count)}: {count === 1 ? "a node has it" : "nodes have them"}, and nobody manages{" "}
        {count === 1 ? "it" : "them"}.
      </WarningBar>
      {open && <Orphans />}
    </div>
  );
}
