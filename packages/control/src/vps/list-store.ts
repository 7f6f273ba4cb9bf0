/**
 * The SQL of the list of VPSs. It is written by hand for the sake of two sort keys that no column holds: the state
 * that is shown (a job under way first, then what a heard node said) and the address by its number.
 *
 * Pages are cut by key, not by offset: the cursor is the last row's sort key and id, so a page costs the same
 * at the end of the list as at its beginning, and nothing is shown twice when a VPS goes away in between.
 */
import { Prisma } from "@muster/db/client";
import { MusterError } from "@muster/model/errors";
import { NODE_SILENCE_MS } from "@muster/model/node";
import { parseVpsSearch, type VpsSearchField } from "@muster/model/vps-search";
import { z } from "zod";
import type { VpsQuery, VpsSortField } from "../fleet.ts";

export const VPS_COLUMNS = Prisma.sql`
  v.id, v.node_id, n.name AS node_name, n.simulated, n.heard_at, n.silent_reason, v.name, v.template, v.address, v.mac,
  v.limits, v.generation, v.epoch, v.holding_job_id, v.holding_operation,
  v.status_seq, v.status_epoch, v.applied_generation, v.placement_state, v.status_reason, v.started_at,
  v.disk_used_bytes, v.observed_at, v.created_at`;

/** As `vpsState` of the model has it; vps/list.db.test.ts holds the two together. */
function stateSql(nowMs: number): Prisma.Sql {
  const heardAfter = new Date(nowMs - NODE_SILENCE_MS);
  return Prisma.sql`(CASE
    WHEN v.holding_operation = 'vps.create' THEN 'creating'
    WHEN v.holding_operation = 'vps.start' THEN 'starting'
    WHEN v.holding_operation = 'vps.stop' THEN 'stopping'
    WHEN v.holding_operation = 'vps.restart' THEN 'restarting'
    WHEN v.holding_operation = 'vps.delete' THEN 'deleting'
    WHEN n.heard_at IS NULL OR n.heard_at < ${heardAfter} THEN 'unknown'
    WHEN v.placement_state IS NULL OR v.placement_state = 'broken' THEN 'failed'
    WHEN v.placement_state = 'preparing' THEN 'creating'
    ELSE v.placement_state END)`;
}

/** Each as text or number that compares the way people expect; COLLATE "C" because names are ASCII. */
const SORT_KEYS = {
  name: () => ({ key: Prisma.sql`v.name COLLATE "C"`, type: Prisma.sql`text` }),
  state: (nowMs: number) => ({ key: stateSql(nowMs), type: Prisma.sql`text` }),
  node: () => ({ key: Prisma.sql`n.name COLLATE "C"`, type: Prisma.sql`text` }),
  address: () => ({ key: Prisma.sql`v.address::inet`, type: Prisma.sql`inet` }),
  memoryBytes: () => ({ key: Prisma.sql`v.memory_bytes`, type: Prisma.sql`bigint` }),
  cpuCores: () => ({ key: Prisma.sql`v.cpu_cores`, type: Prisma.sql`double precision` }),
  createdAt: () => ({ key: Prisma.sql`v.created_at`, type: Prisma.sql`timestamptz` }),
} as const satisfies Record<VpsSortField, (nowMs: number) => { key: Prisma.Sql; type: Prisma.Sql }>;

const cursorSchema = z.tuple([z.string(), z.string()]);

function cursorOf(text: string): [key: string, id: string] {
  try {
    return cursorSchema.parse(JSON.parse(Buffer.from(text, "base64url").toString("utf8")));
  } catch (error) {
    throw foreignCursor(error);
  }
}

/** One of another list, or of this one in another order. */
export function foreignCursor(cause: unknown): MusterError {
  return new MusterError("invalid_input", "The cursor is not one of this list.", { field: "cursor", cause });
}

export function cursorText(key: string, id: string): string {
  return Buffer.from(JSON.stringify([key, id])).toString("base64url");
}

const FROM = Prisma.sql`FROM vps v JOIN node n ON n.id = v.node_id`;

/** position() and not LIKE: what a person typed is looked for as it stands, '%' and '_' included. */
const FOUND_IN = {
  any: (text: string) => Prisma.sql`(position(${text} IN v.name) > 0 OR position(${text} IN v.address) > 0)`,
  name: (text: string) => Prisma.sql`position(${text} IN v.name) > 0`,
  node: (text: string) => Prisma.sql`position(${text} IN lower(n.name)) > 0`,
  address: (text: string) => Prisma.sql`position(${text} IN v.address) > 0`,
  state: (text: string, nowMs: number) => Prisma.sql`position(${text} IN ${stateSql(nowMs)}) > 0`,
} as const satisfies Record<VpsSearchField, (text: string, nowMs: number) => Prisma.Sql>;

type VpsFilter = Pick<VpsQuery, "nodeId" | "search">;

function filterSql(query: VpsFilter, nowMs: number): Prisma.Sql {
  const ofNode = query.nodeId === undefined ? [] : [Prisma.sql`v.node_id = ${query.nodeId}`];
  const found = parseVpsSearch(query.search ?? "").map(({ field, text }) => FOUND_IN[field](text, nowMs));
  return Prisma.sql`WHERE ${Prisma.join([Prisma.sql`true`, ...ofNode, ...found], " AND ")}`;
}

export function countSql(query: VpsFilter, nowMs: number): Prisma.Sql {
  return Prisma.sql`SELECT count(*)::int AS total ${FROM} ${filterSql(query, nowMs)}`;
}

/** One row more than the limit tells whether there is a next page. */
export function pageSql(query: VpsQuery, nowMs: number): Prisma.Sql {
  const { field, direction } = query.sort ?? { field: "name", direction: "asc" };
  const { key, type } = SORT_KEYS[field](nowMs);
  const order = direction === "asc" ? Prisma.sql`ASC` : Prisma.sql`DESC`;
  const beyond = direction === "asc" ? Prisma.sql`>` : Prisma.sql`<`;
  const after = query.cursor === undefined ? null : cursorOf(query.cursor);
  const rest =
    after === null
      ? Prisma.empty
      : Prisma.sql`AND (${key}, v.id) ${beyond} (CAST(${after[0]} AS ${type}), ${after[1]})`;
  return Prisma.sql`
    SELECT ${VPS_COLUMNS}, (${key})::text AS sort_key ${FROM} ${filterSql(query, nowMs)} ${rest}
    ORDER BY ${key} ${order}, v.id ${order} LIMIT ${query.limit + 1}`;
}

export function oneSql(vpsId: string): Prisma.Sql {
  return Prisma.sql`SELECT ${VPS_COLUMNS} ${FROM} WHERE v.id = ${vpsId}`;
}

export function someSql(vpsIds: readonly string[], tail: Prisma.Sql = Prisma.empty): Prisma.Sql {
  return Prisma.sql`SELECT ${VPS_COLUMNS} ${FROM} WHERE v.id = ANY(${[...vpsIds]}::text[]) ${tail}`;
}

export function ofNodeSql(nodeId: string): Prisma.Sql {
  return Prisma.sql`SELECT ${VPS_COLUMNS} ${FROM} WHERE v.node_id = ${nodeId}`;
}
