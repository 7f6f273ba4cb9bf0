"use client";
import { useListState } from "../vps/list-state.ts";
import { SearchField } from "../vps/search-field.tsx";
import { VpsTable } from "../vps/table.tsx";
import classes from "./vps.module.css";

export function NodeVps({ nodeId }: { nodeId: string }) {
  const list = useListState();
  return (
    <div className={classes.list}>
      <SearchField list={list} />
      <VpsTable nodeId={nodeId} list={list} />
    </div>
  );
}
