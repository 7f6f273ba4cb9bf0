"use client";
/** Tabs whose choice is the URL's: a link leads to the tab, and going back goes back a tab. */
import { Tabs } from "@mantine/core";
import { useSearchParams } from "next/navigation";
import type { ReactNode } from "react";
import classes from "./url-tabs.module.css";

interface Tab<Name extends string> {
  name: Name;
  label: string;
  /** Only the one in sight is rendered: what is not looked at opens no stream. */
  content: () => ReactNode;
}

export function UrlTabs<Name extends string>({ tabs, label }: { tabs: readonly Tab<Name>[]; label: string }) {
  const parameters = useSearchParams();
  const [first] = tabs;
  const active = tabs.find((tab) => tab.name === parameters.get("tab")) ?? first;
  if (active === undefined || first === undefined) return null;

  const choose = (name: string | null) => {
    const url = new URL(window.location.href);
    if (name === null || name === first.name) url.searchParams.delete("tab");
    else url.searchParams.set("tab", name);
    window.history.pushState(null, "", url);
  };
  return (
    <Tabs value={active.name} onChange={choose} keepMounted={false} className={classes.tabs}>
      <Tabs.List aria-label={label} className={classes.list}>
        {tabs.map((tab) => (
          <Tabs.Tab key={tab.name} value={tab.name}>
            {tab.label}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      {/* It scrolls, so the keyboard has to reach it even while nothing in it can take the focus (WCAG 2.1.1). */}
      <Tabs.Panel value={active.name} className={classes.content} tabIndex={0}>
        {active.content()}
      </Tabs.Panel>
    </Tabs>
  );
}
