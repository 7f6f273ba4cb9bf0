"use client";
import { Button, Checkbox, Select, TextInput } from "@mantine/core";
import { jobKindSchema, jobStateSchema } from "@muster/model/job";
import { KIND_TITLE } from "@muster/model/job-title";
import { useQuery } from "@tanstack/react-query";
import { useTRPC } from "../trpc/client.tsx";
import { Icon } from "../ui/icon.tsx";
import { chipsOf, type HistoryFilter, NO_FILTER, sentence, type Within } from "./filter.ts";
import classes from "./filter-bar.module.css";
import type { FilterState } from "./filter-state.ts";
import { MultiFilter } from "./multi-filter.tsx";
import { TimeEnds, TimeSelect } from "./time-filter.tsx";
import { OUTCOME } from "./words.ts";

const KINDS = jobKindSchema.options.map((value) => ({ value, label: KIND_TITLE[value] }));
const STATES = jobStateSchema.options.map((value) => ({ value, label: sentence(OUTCOME[value]) }));

/** The filters, and below them each one that holds, to be taken away by itself. */
export function FilterBar({ state, within }: { state: FilterState; within: Within }) {
  const { filter, change } = state;
  return (
    <>
      <div className={classes.bar}>
        {within.vpsId === undefined && (
          <TextInput
            type="search"
            size="xs"
            w={196}
            aria-label={within.nodeId === undefined ? "Name of the VPS or node" : "Name of the VPS"}
            placeholder={within.nodeId === undefined ? "VPS or node" : "VPS"}
            leftSection={<Icon name="search" size={14} />}
            maxLength={100}
            value={state.typed}
            onChange={(event) => state.type(event.currentTarget.value)}
          />
        )}
        <MultiFilter label="What" choices={KINDS} chosen={filter.kinds} onChange={(kinds) => change({ kinds })} />
        <MultiFilter
          label="Outcome"
          choices={STATES}
          chosen={filter.states}
          onChange={(states) => change({ states })}
        />
        <Choices filter={filter} within={within} onChange={change} />
        <TimeSelect time={filter.time} onChange={(time) => change({ time })} />
        <Checkbox
          size="xs"
          label="Under way"
          checked={filter.active}
          onChange={(event) => change({ active: event.currentTarget.checked })}
        />
        <TimeEnds time={filter.time} onChange={(time) => change({ time })} />
      </div>
      <Chips filter={filter} onChange={change} />
    </>
  );
}

interface FilterPartProps {
  filter: HistoryFilter;
  onChange: (change: Partial<HistoryFilter>) => void;
}

/** Where and who: what can be chosen is what there is. */
function Choices({ filter, within, onChange }: FilterPartProps & { within: Within }) {
  const trpc = useTRPC();
  const tree = useQuery(trpc.fleet.tree.queryOptions());
  const actors = useQuery(trpc.jobs.actors.queryOptions());
  const narrowed = within.nodeId !== undefined || within.vpsId !== undefined;
  return (
    <>
      {!narrowed && (
        <Select
          size="xs"
          w={132}
          searchable
          clearable
          aria-label="Node"
          placeholder="Any node"
          nothingFoundMessage="No node has this name."
          clearButtonProps={{ "aria-label": "Any node" }}
          data={(tree.data?.nodes ?? []).map(({ node }) => ({ value: node.id, label: node.name }))}
          value={filter.nodeId}
          onChange={(nodeId) => onChange({ nodeId })}
        />
      )}
      <Select
        size="xs"
        w={168}
        searchable
        clearable
        aria-label="Who"
        placeholder="Anyone"
        nothingFoundMessage="Nobody of this name has asked for a job."
        clearButtonProps={{ "aria-label": "Anyone" }}
        data={actors.data?.items ?? []}
        value={filter.actor}
        onChange={(actor) => onChange({ actor })}
      />
    </>
  );
}

function Chips({ filter, onChange }: FilterPartProps) {
  const trpc = useTRPC();
  const tree = useQuery(trpc.fleet.tree.queryOptions());
  const nodeName = (nodeId: string) => tree.data?.nodes.find(({ node }) => node.id === nodeId)?.node.name ?? nodeId;
  const chips = chipsOf(filter, nodeName);
  if (chips.length === 0) return null;
  return (
    <ul className={classes.chips} aria-label="Filters that hold">
      {chips.map((chip) => (
        <li key={chip.label}>
          <button
            type="button"
            className={classes.chip}
            aria-label={`Take away: ${chip.label}`}
            onClick={() => onChange(chip.without)}
          >
            {chip.label}
            <Icon name="close" size={11} />
          </button>
        </li>
      ))}
      <li>
        <Button variant="subtle" size="compact-xs" onClick={() => onChange(NO_FILTER)}>
          Clear all
        </Button>
      </li>
    </ul>
  );
}
