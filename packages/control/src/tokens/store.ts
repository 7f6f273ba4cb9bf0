/** One-time tokens. Only hashes are kept, and a token is spent by an UPDATE that is guarded by its being unspent. */
import { Prisma, type Transaction } from "@muster/db/client";
import { MusterError } from "@muster/model/errors";
import { z } from "zod";
import type { Clock } from "../clock.ts";
import type { DatabaseAccess } from "../database-access.ts";
import { insertJobSql, type NewJob } from "../jobs/store.ts";

/** The job that greets a node that has been let in. */
export type EnrolJob = (node: { id: string; name: string; address: string; actor: string }) => NewJob;

export interface NewNode {
  id: string;
  /** As the agent calls itself; made unique here: "host", "host-2", … */
  hostname: string;
  publicKeySha256: string;
  address: string;
  simulated: boolean;
}

export function createTokenStore(access: DatabaseAccess, clock: Clock) {
  const now = () => new Date(clock.nowMs());
  return {
    async addEnrolment(token: { secretSha256: string; createdBy: string; expiresAtMs: number }): Promise<void> {
      const { expiresAtMs, ...rest } = token;
      await access.read((db) =>
        db.enrolmentToken.create({
          data: { ...rest, createdAt: now(), expiresAt: new Date(expiresAtMs) },
          select: { secretSha256: true },
        }),
      );
    },

    /**
     * Spends the token, adds the node and writes its job down; `sign` runs in between, so its failure leaves the token
     * unspent. For the key that it was spent for, the token still answers with that key's node: the first answer may
     * have been lost. There is one job of it then, and for a node that was removed no answer.
     */
    async claimEnrolment<Signed>(
      secretSha256: string,
      node: NewNode,
      { sign, job }: { sign: (nodeId: string) => Promise<Signed>; job: EnrolJob },
    ): Promise<{ nodeId: string; name: string; signed: Signed }> {
      return await access.transaction(async (transaction) => {
        const good = { secretSha256, expiresAt: { gt: now() } };
        const [spent] = await transaction.enrolmentToken.updateManyAndReturn({
          where: { ...good, usedAt: null },
          data: { usedAt: now(), usedByNodeId: node.id, usedByKeySha256: node.publicKeySha256 },
          select: { createdBy: true },
        });
        const claimed =
          spent === undefined
            ? await nodeOf(transaction, good, node)
            : await addNode(transaction, node, { enrolledAt: now(), job, actor: spent.createdBy });
        if (claimed === null) throw new MusterError("token_invalid", "The enrolment token is wrong, used or expired.");
        return { nodeId: claimed.id, name: claimed.name, signed: await sign(claimed.id) };
      });
    },

    /**
     * A node with a certificate of this fleet says that it is there. @returns whether it is in the inventory; with
     * `readmit` one that is not gets its place back, but for one that was removed on purpose.
     */
    async announced(
      node: Omit<NewNode, "publicKeySha256">,
      readmit: { job: EnrolJob; actor: string } | null,
    ): Promise<"known" | "unknown" | "removed" | "readmitted"> {
      return await access.transaction(async (transaction) => {
        await lockNames(transaction); // of two announcements at once one finds the other's node
        const found = await transaction.node.count({ where: { id: node.id } });
        if (found > 0) return "known";
        const removed = { nodeId: node.id, kind: "node.remove", state: "succeeded" };
        if ((await transaction.job.count({ where: removed })) > 0) return "removed";
        if (readmit === null) return "unknown";
        await addNode(transaction, node, { enrolledAt: now(), ...readmit });
        return "readmitted";
      });
    },

    async administratorExists(): Promise<boolean> {
      return (await access.read((db) => db.user.count())) > 0;
    },

    async replaceFirstRun(secretSha256: string): Promise<void> {
      await access.transaction(async (transaction) => {
        await transaction.firstRunToken.deleteMany({ where: { usedAt: null } });
        await transaction.firstRunToken.create({
          data: { secretSha256, createdAt: now() },
          select: { secretSha256: true },
        });
      });
    },

    async completeFirstRun<Result>(
      secretSha256: string,
      work: (transaction: Transaction) => Promise<Result>,
    ): Promise<Result> {
      return await access.serializable(async (transaction) => {
        if ((await transaction.user.count()) > 0) {
          throw new MusterError("state_conflict", "The first administrator has been made already; sign in.");
        }
        const spent = await transaction.firstRunToken.updateMany({
          where: { secretSha256, usedAt: null },
          data: { usedAt: now() },
        });
        if (spent.count !== 1)
          throw new MusterError("token_invalid", "The first-run token is wrong or was replaced by a newer one.");
        return await work(transaction);
      });
    },
  };
}
export type TokenStore = ReturnType<typeof createTokenStore>;

async function addNode(
  transaction: Transaction,
  node: Omit<NewNode, "publicKeySha256">,
  { enrolledAt, job, actor }: { enrolledAt: Date; job: EnrolJob; actor: string },
) {
  const name = await uniqueName(transaction, node);
  const { id, address, simulated } = node;
  const data = { id, name, address, simulated, enrolledAt };
  const made = await transaction.node.create({ data, select: { id: true, name: true } });
  await transaction.$executeRaw`WITH ${insertJobSql(job({ ...made, address, actor }), Prisma.sql`(SELECT 1) AS always`)} SELECT 1`;
  return made;
}

/** The node that this very key paid for with the token, now at the address that its agent gives; null: there is none. */
async function nodeOf(
  transaction: Transaction,
  good: { secretSha256: string; expiresAt: { gt: Date } },
  { publicKeySha256, address }: NewNode,
) {
  const token = await transaction.enrolmentToken.findFirst({
    where: { ...good, usedByKeySha256: publicKeySha256 },
    select: { usedByNodeId: true },
  });
  if (token === null || token.usedByNodeId === null) return null;
  const [node] = await transaction.node.updateManyAndReturn({
    where: { id: token.usedByNodeId },
    data: { address },
    select: { id: true, name: true },
  });
  return node ?? null;
}

const namesSchema = z.array(z.object({ name: z.string() }));

/** Nodes that enrol at once under one host name take turns: the lock is held to the end of the transaction. */
const lockNames = (transaction: Transaction) =>
  transaction.$executeRaw`SELECT pg_advisory_xact_lock(hashtext('muster_node_name'))`;

async function uniqueName(transaction: Transaction, node: Pick<NewNode, "hostname" | "simulated">): Promise<string> {
  await lockNames(transaction);
  const base = node.simulated ? "sim" : node.hostname;
  const rows =
    await transaction.$queryRaw`SELECT name FROM node WHERE name = ${base} OR starts_with(name, ${`${base}-`})`;
  const taken = new Set(namesSchema.parse(rows).map((row) => row.name));
  return freeName(base, node.simulated, taken);
}

/** Simulated nodes are numbered from the first, with two digits so that they sort: sim-01. */
export function freeName(base: string, simulated: boolean, taken: ReadonlySet<string>): string {
  if (!simulated && !taken.has(base)) return base;
  for (let number = simulated ? 1 : 2; ; number += 1) {
    const name = `${base}-${simulated ? String(number).padStart(2, "0") : number}`;
    if (!taken.has(name)) return name;
  }
}
