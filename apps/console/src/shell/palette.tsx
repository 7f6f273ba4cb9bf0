"use client";
/** Everything by name from the keyboard: pages, nodes, VPSs (by name or address) and what can be done with the one in sight. */
import { Spotlight, type SpotlightActionData, spotlight } from "@mantine/spotlight";
import "@mantine/spotlight/styles.css";
import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useEffect, useState } from "react";
import { paths } from "../paths.ts";
import { useTRPC } from "../trpc/client.tsx";
import { Icon, type IconName } from "../ui/icon.tsx";
import classes from "./palette.module.css";

const FOUND_AT_MOST = 12;

interface Entry {
  icon: IconName;
  label: string;
  href: string;
  description?: string;
}

export function Palette({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const trpc = useTRPC();
  const router = useRouter();
  const [typed, setTyped] = useState("");
  const [search] = useDebouncedValue(typed.trim(), 120);
  const tree = useQuery(trpc.fleet.tree.queryOptions());
  const found = useQuery(
    trpc.vps.list.queryOptions(
      { search: search || undefined, limit: FOUND_AT_MOST },
      // What was found before stays until there is an answer: in an empty list an arrow and Enter would come to nothing.
      { enabled: opened, placeholderData: keepPreviousData },
    ),
  );

  // Spotlight keeps its own store; the header owns whether it is open.
  useEffect(() => {
    if (opened) spotlight.open();
  }, [opened]);

  const entry = ({ icon, href, ...shown }: Entry): SpotlightActionData => ({
    id: href,
    ...shown,
    leftSection: <Icon name={icon} />,
    onClick: () => router.push(href),
  });
  const matches = (text: string) => text.toLowerCase().includes(typed.trim().toLowerCase());

  const pages = [
    entry({ icon: "fleet", label: "Fleet", href: paths.fleet() }),
    entry({ icon: "plus", label: "Create VPS", href: paths.newVps() }),
    entry({ icon: "jobs", label: "History of jobs", href: paths.jobs() }),
    entry({ icon: "key", label: "Account and API keys", href: paths.account() }),
  ].filter((page) => matches(page.label ?? ""));
  const nodes = (tree.data?.nodes ?? [])
    .filter(({ node }) => matches(node.name))
    .slice(0, FOUND_AT_MOST)
    .map(({ node: { id, name, simulated } }) =>
      entry({ icon: "node", label: name, href: paths.node(id), description: simulated ? "simulated node" : "node" }),
    );
  const items = found.data?.items ?? [];
  const fitting = found.isPlaceholderData ? items.filter(({ spec }) => matches(spec.name)) : items;
  const vps = fitting.map((item) =>
    entry({
      icon: "vps",
      label: item.spec.name,
      href: paths.vps(item.id),
      description: `${item.state} on ${item.nodeName}${item.simulated ? " (simulated)" : ""}, ${item.spec.address}`,
    }),
  );

  return (
    <Spotlight
      actions={[
        { group: "Go to", actions: pages },
        { group: "Nodes", actions: nodes },
        { group: "VPSs", actions: vps },
      ].filter((group) => group.actions.length > 0)}
      filter={(_query, actions) => actions}
      query={typed}
      onQueryChange={setTyped}
      onSpotlightClose={onClose}
      shortcut={null}
      nothingFound="Nothing has this name or address."
      searchProps={{
        leftSection: <Icon name="search" />,
        placeholder: "Name, address or command",
        "aria-label": "Search or run a command",
      }}
      transitionProps={{ duration: 0 }}
      overlayProps={{ backgroundOpacity: 0.4, blur: 0 }}
      centered={false}
      classNames={{ actionsGroup: classes.group ?? "" }}
      attributes={{ content: { "aria-label": "Search or run a command" } }}
      scrollable
      maxHeight={420}
    />
  );
}
