"use client";
import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import dynamic from "next/dynamic";
import Link from "next/link";
import { useState } from "react";
import { paths } from "../paths.ts";
import { useTRPC } from "../trpc/client.tsx";
import { Icon } from "../ui/icon.tsx";
import { EmptyNotice } from "../ui/notice.tsx";
import { PageHeader } from "../ui/page-header.tsx";
import { useListState } from "../vps/list-state.ts";
import { SearchField } from "../vps/search-field.tsx";
import { VpsTable } from "../vps/table.tsx";
import classes from "./fleet-page.module.css";
import { NotSetBackNotice } from "./not-set-back-notice.tsx";
import { OrphansNotice } from "./orphans-notice.tsx";

const AddNodeDialog = dynamic(() => import("../nodes/add-node-dialog.tsx").then((file) => file.AddNodeDialog), {
  ssr: false,
});

export function FleetPage() {
  const trpc = useTRPC();
  const tree = useQuery(trpc.fleet.tree.queryOptions());
  const list = useListState();
  const [adding, setAdding] = useState(false);
  const orphanCount = tree.data?.nodes.reduce((sum, { node }) => sum + node.orphanCount, 0) ?? 0;
  const withoutNodes = tree.data?.nodes.length === 0;

  return (
    <>
      <PageHeader
        title="Fleet"
        marks={tree.data !== undefined && <span className={classes.count}>{countText(tree.data.nodes)}</span>}
        actions={
          <>
            <Button variant="default" leftSection={<Icon name="node" size={14} />} onClick={() => setAdding(true)}>
              Add node
            </Button>
            <Button
              component={Link}
              prefetch={false}
              href={paths.newVps()}
              leftSection={<Icon name="plus" size={14} />}
            >
              Create VPS
            </Button>
          </>
        }
      />
      {withoutNodes ? (
        <EmptyNotice title="No node has joined yet" icon="node">
          A node runs the VPSs. Add one with the button above: it gives you a token and the command to run there.
        </EmptyNotice>
      ) : (
        <>
          <div className={classes.tools}>
            <SearchField list={list} />
          </div>
          <OrphansNotice count={orphanCount} />
          <NotSetBackNotice />
          <VpsTable list={list} />
        </>
      )}
      {adding && <AddNodeDialog onClose={() => setAdding(false)} />}
    </>
  );
}

function countText(nodes: readonly { vpsTotal: number; node: { health: string } }[]): string {
  const vps = nodes.reduce((sum, entry) => sum + entry.vpsTotal, 0);
  const silent = nodes.filter(({ node }) => node.health !== "healthy").length;
  const counted = `${vps} ${vps === 1 ? "VPS" : "VPSs"} on ${nodes.length} ${nodes.length === 1 ? "node" : "nodes"}`;
  return silent === 0 ? counted : `${counted}, ${silent} not heard`;
}
