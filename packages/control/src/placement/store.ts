/**
 * Placing a VPS: name, address and its shares of the node are reserved in one transaction that holds the node's row, so of two
 * at once one wins. Names are one per fleet, addresses one per network; both are kept by unique indexes too,
 * because two nodes may share a network and each holds only its own row.
 */
import { Prisma, type Transaction } from "@muster/db/client";
import { isAssignable, macOf, numberToIpv4, parseNetwork } from "@muster/model/address";
import { MusterError } from "@muster/model/errors";
import { LIMIT_NAMES } from "@muster/model/limits/registry";
import type { VpsSpec } from "@muster/model/vps";
import { z } from "zod";
import type { Clock } from "../clock.ts";
import { type DatabaseAccess, violatedConstraint } from "../database-access.ts";
import { insertJobSql, type NewJob } from "../jobs/store.ts";
import { refuseUnsupported } from "../limits/plan.ts";
import { beingRenamedFrom, nameTaken } from "../vps/rename-store.ts";
import { type NodeFacts, readNodeFacts, silent } from "./facts-store.ts";
import { refuseOvercommit, sharesOf } from "./shares.ts";

export interface Reservation {
  vpsId: string;
  nodeId: string;
  spec: VpsSpec;
  actor: string;
  job: (nodeName: string) => NewJob;
}

const factsSchema = z.object({
  name_holder: z.string().nullable(),
  address_holder: z.string().nullable(),
  has_template: z.boolean(),
});

export function createPlacementStore(access: DatabaseAccess, clock: Clock) {
  return {
    /** name_taken, address_taken, address_outside_network, overcommitted, unsupported, template_missing, node_unreachable */
    async reserve(request: Reservation): Promise<void> {
      try {
        await access.transaction(async (transaction) => {
          const node = await readNodeFacts(transaction, request.nodeId, { lock: true, nowMs: clock.nowMs() });
          if (!node.heard) throw silent(node);
          await checkFacts(transaction, request, node);
          await insert(transaction, request, node);
        });
      } catch (error) {
        throw takenBy(error, request.spec) ?? error;
      }
    },

    async freeAddress(nodeId: string): Promise<string | null> {
      const node = await access.read((db) =>
        db.node.findUnique({ where: { id: nodeId }, select: { network: true, gateway: true } }),
      );
      if (node === null) throw new MusterError("not_found", "This node does not exist.");
      const { network, gateway } = node;
      if (network === null || gateway === null) return null;
      const taken = await access.read((db) => db.vps.findMany({ where: { network }, select: { address: true } }));
      return firstFree(network, gateway, new Set(taken.map((vps) => vps.address)));
    },
  };
}
export type PlacementStore = ReturnType<typeof createPlacementStore>;

/** The first ten are left to people: gateways, resolvers, printers. They are given out last. */
const LEFT_TO_PEOPLE = 10;

export function firstFree(network: string, gateway: string, taken: ReadonlySet<string>): string | null {
  const { first, last } = parseNetwork(network);
  const begin = Math.min(first + LEFT_TO_PEOPLE, last);
  for (const [from, to] of [
    [begin, last],
    [first, begin],
  ] as const) {
    for (let value = from; value < to; value += 1) {
      const address = numberToIpv4(value);
      if (!taken.has(address) && isAssignable(address, network, gateway)) return address;
    }
  }
  return null;
}

async function checkFacts(transaction: Transaction, { nodeId, spec }: Reservation, node: NodeFacts): Promise<void> {
  if (!isAssignable(spec.address, node.network, node.gateway)) {
    const { first, last } = parseNetwork(node.network);
    const from = numberToIpv4(first + 1);
    throw new MusterError(
      "address_outside_network",
      `${spec.address} cannot be given to a VPS of ${node.nodeName}: its network is ${node.network} ` +
        `(${from} to ${numberToIpv4(last - 1)}), its gateway ${node.gateway}.`,
      { field: "address" },
    );
  }
  const rows = await transaction.$queryRaw`
    SELECT (SELECT name FROM vps WHERE name = ${spec.name} UNION ALL ${beingRenamedFrom(spec.name)} LIMIT 1) AS name_holder,
      (SELECT name FROM vps WHERE network = ${node.network} AND address = ${spec.address}) AS address_holder,
      EXISTS (SELECT 1 FROM template WHERE node_id = ${nodeId} AND name = ${spec.template}) AS has_template`;
  const facts = z.tuple([factsSchema]).parse(rows)[0];
  if (facts.name_holder !== null) throw nameTaken(spec.name);
  if (facts.address_holder !== null) throw addressTaken(spec, facts.address_holder);
  if (!facts.has_template) {
    throw new MusterError("template_missing", `Node ${node.nodeName} has no template ${spec.template}.`, {
      field: "template",
    });
  }
  refuseUnsupported({ limits: spec.limits, names: LIMIT_NAMES }, node);
  refuseOvercommit(node, sharesOf(spec.limits));
}

async function insert(transaction: Transaction, request: Reservation, node: NodeFacts): Promise<void> {
  const { spec, vpsId } = request;
  const job = request.job(node.nodeName);
  const allocations = JSON.stringify(LIMIT_NAMES.map((limit) => ({ limit, to: spec.limits[limit] })));
  await transaction.$executeRaw`
    WITH placed AS (
      INSERT INTO vps (id, node_id, name, template, network, address, mac, limits, holding_job_id, holding_operation)
      VALUES (${vpsId}, ${request.nodeId}, ${spec.name}, ${spec.template}, ${node.network}, ${spec.address},
        ${macOf(spec.address)}, ${JSON.stringify(spec.limits)}::jsonb, ${job.id}, 'vps.create')
      RETURNING id),
    allocated AS (
      INSERT INTO allocation_change (vps_id, actor, limit_name, "to", job_id)
      SELECT placed.id, ${request.actor}, a->>'limit', a->'to', ${job.id}
      FROM placed, jsonb_array_elements(${allocations}::jsonb) AS a),
    ${insertJobSql(job, Prisma.sql`placed`)}
    SELECT 1`;
}

function addressTaken(spec: VpsSpec, holder: string, cause?: unknown): MusterError {
  return new MusterError("address_taken", `${spec.address} belongs to ${holder}.`, { field: "address", cause });
}

/** A rival on another node was quicker: the unique index says which of the two it took. */
function takenBy(error: unknown, spec: VpsSpec): MusterError | undefined {
  const constraint = violatedConstraint(error, ["vps_name_key", "vps_network_address_key"]);
  if (constraint === undefined) return undefined;
  return constraint === "vps_name_key" ? nameTaken(spec.name, error) : addressTaken(spec, "another VPS", error);
}
