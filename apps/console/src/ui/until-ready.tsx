"use client";
/**
 * The server sends pages that can be read before their scripts run. Until then nothing in them answers, and a form would
 * send what is in it (a password) by itself, into the address. So what takes input says that it takes none yet.
 */
import { useMounted } from "@mantine/hooks";
import type { ReactNode } from "react";
import classes from "./until-ready.module.css";

/** Fields and buttons are disabled until the page runs. */
export function FieldsWhenReady({ children }: { children: ReactNode }) {
  return (
    <fieldset disabled={!useMounted()} className={classes.fields}>
      {children}
    </fieldset>
  );
}

/** For a region that is read long before it is used: told to assistive technology (and to tests), with no change to look at. */
export function useNotReady(): { role: "group"; "aria-disabled": true } | Record<string, never> {
  return useMounted() ? {} : { role: "group", "aria-disabled": true };
}
