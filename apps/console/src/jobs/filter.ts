/**
 * What of the history is shown. It lives in the URL, so that a link to what somebody sees is a link to what they see;
 * here is the way from there to what the server is asked, and to the words of each filter. Pure.
 */
import type { AppRouter } from "@muster/api/root";
import { nodeIdSchema } from "@muster/model/ids";
import { type JobKind, type JobState, jobKindSchema, jobStateSchema } from "@muster/model/job";
import { KIND_TITLE } from "@muster/model/job-title";
import type { inferRouterInputs } from "@trpc/server";
import { z } from "zod";
import { exactTime } from "../ui/exact-time.ts";
import { OUTCOME } from "./words.ts";

const HOUR_MS = 3_600_000;
export const PERIODS = {
  "1h": { ms: HOUR_MS, title: "Last hour" },
  "24h": { ms: 24 * HOUR_MS, title: "Last 24 hours" },
  "7d": { ms: 7 * 24 * HOUR_MS, title: "Last 7 days" },
  "30d": { ms: 30 * 24 * HOUR_MS, title: "Last 30 days" },
} as const;
export type Period = keyof typeof PERIODS;
export const PERIOD_NAMES = ["1h", "24h", "7d", "30d"] as const satisfies readonly Period[];

/** `between`: ISO times; null leaves that side open. */
export type TimeRange =
  | { type: "any" }
  | { type: "last"; period: Period }
  | { type: "between"; from: string | null; to: string | null };

/** Chosen, and neither end given yet. The URL does not say it. */
export const OPEN_RANGE = { type: "between", from: null, to: null } as const satisfies TimeRange;

export interface HistoryFilter {
  kinds: readonly JobKind[];
  states: readonly JobState[];
  nodeId: string | null;
  /** Part of the name of the VPS or the node, as it was then. */
  name: string;
  actor: string | null;
  time: TimeRange;
  /** Only what has not ended. */
  active: boolean;
}

export const NO_FILTER: HistoryFilter = {
  kinds: [],
  states: [],
  nodeId: null,
  name: "",
  actor: null,
  time: { type: "any" },
  active: false,
};

/** A table of history that is part of a page about one VPS or one node. */
export interface Within {
  vpsId?: string;
  nodeId?: string;
}

export const FILTER_PARAMETERS = ["kind", "outcome", "node", "name", "by", "last", "from", "to", "active"] as const;
export type FilterParameters = Partial<Record<(typeof FILTER_PARAMETERS)[number], string>>;

const listOf = <Item extends z.ZodType<string, string>>(item: Item) =>
  z
    .string()
    .transform((text) => text.split(",").flatMap((part) => item.safeParse(part).data ?? []))
    .catch([]);
const textUpTo = (length: number) => z.string().min(1).max(length).nullable().catch(null);
const timeSchema = z.iso.datetime().nullable().catch(null);

/** Whatever stands in the URL: what makes no sense there is as if it were not there. */
const parametersSchema = z
  .object({
    kind: listOf(jobKindSchema),
    outcome: listOf(jobStateSchema),
    node: nodeIdSchema.nullable().catch(null),
    name: z.string().max(100).catch(""),
    by: textUpTo(200),
    last: z.enum(PERIOD_NAMES).nullable().catch(null),
    from: timeSchema,
    to: timeSchema,
    active: z.literal("yes").nullable().catch(null),
  })
  .transform(({ kind, outcome, node, name, by, last, from, to, active }): HistoryFilter => {
    const between: TimeRange = from === null && to === null ? { type: "any" } : { type: "between", from, to };
    return {
      kinds: kind,
      states: outcome,
      nodeId: node,
      name,
      actor: by,
      time: last === null ? between : { type: "last", period: last },
      active: active !== null,
    };
  });

export function filterOf(read: (parameter: string) => string | null | undefined): HistoryFilter {
  return parametersSchema.parse(Object.fromEntries(FILTER_PARAMETERS.map((name) => [name, read(name) ?? null])));
}

export function parametersOf(filter: HistoryFilter): FilterParameters {
  const { time } = filter;
  return {
    kind: filter.kinds.join(","),
    outcome: filter.states.join(","),
    node: filter.nodeId ?? "",
    name: filter.name,
    by: filter.actor ?? "",
    last: time.type === "last" ? time.period : "",
    from: time.type === "between" ? (time.from ?? "") : "",
    to: time.type === "between" ? (time.to ?? "") : "",
    active: filter.active ? "yes" : "",
  };
}

export type JobListFilter = Omit<inferRouterInputs<AppRouter>["jobs"]["list"], "limit" | "cursor">;

/** @param nowMs to the minute: a filter that moved with every tick would be asked with every tick. */
export function askedOf(filter: HistoryFilter, within: Within, nowMs: number): JobListFilter {
  const { time } = filter;
  const lasting = time.type === "last" ? new Date(nowMs - PERIODS[time.period].ms).toISOString() : undefined;
  return {
    vpsId: within.vpsId,
    nodeId: within.nodeId ?? filter.nodeId ?? undefined,
    kinds: filter.kinds.length === 0 ? undefined : [...filter.kinds],
    states: filter.states.length === 0 ? undefined : [...filter.states],
    actor: filter.actor ?? undefined,
    search: filter.name || undefined,
    from: time.type === "between" ? (time.from ?? undefined) : lasting,
    to: time.type === "between" ? (time.to ?? undefined) : undefined,
    active: filter.active || undefined,
  };
}

export interface FilterChip {
  label: string;
  /** The filter when this one is taken away. */
  without: HistoryFilter;
}

/** Everything that narrows the list, each by itself. */
export function chipsOf(filter: HistoryFilter, nodeName: (nodeId: string) => string): FilterChip[] {
  const { nodeId, actor, time } = filter;
  const chip = (label: string, change: Partial<HistoryFilter>): FilterChip => ({
    label,
    without: { ...filter, ...change },
  });
  return [
    ...(filter.name === "" ? [] : [chip(`Name has “${filter.name}”`, { name: "" })]),
    ...filter.kinds.map((kind) => chip(KIND_TITLE[kind], { kinds: filter.kinds.filter((other) => other !== kind) })),
    ...filter.states.map((state) =>
      chip(sentence(OUTCOME[state]), { states: filter.states.filter((other) => other !== state) }),
    ),
    ...(nodeId === null ? [] : [chip(`On ${nodeName(nodeId)}`, { nodeId: null })]),
    ...(actor === null ? [] : [chip(`By ${actor}`, { actor: null })]),
    ...(isNarrowed(time) ? [chip(timeText(time), { time: { type: "any" } })] : []),
    ...(filter.active ? [chip("Under way", { active: false })] : []),
  ];
}

type Narrowed = Exclude<TimeRange, { type: "any" }>;

function isNarrowed(time: TimeRange): time is Narrowed {
  return time.type === "last" || (time.type === "between" && (time.from !== null || time.to !== null));
}

function timeText(time: Narrowed): string {
  if (time.type === "last") return PERIODS[time.period].title;
  if (time.from === null) return `Before ${exactTime(time.to ?? 0)}`;
  return time.to === null ? `Since ${exactTime(time.from)}` : `${exactTime(time.from)} to ${exactTime(time.to)}`;
}

export function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}
