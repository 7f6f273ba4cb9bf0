/**
 * Samples in PostgreSQL: counters as they came, one row per node, NIC and VPS every 10 s, in partitions of a day.
 * What is read for a chart is the last sample of each interval; rates are computed of those (model/metrics/rate.ts).
 */
import { Prisma } from "@muster/db/client";
import type { CpuCounters, NodeSample } from "@muster/model/metrics/sample";
import { z } from "zod";
import type { DatabaseAccess } from "../database-access.ts";

export interface Period {
  fromMs: number;
  toMs: number;
  /** One sample of each interval is read, the last. */
  intervalMs: number;
}

const count = z.bigint().transform(Number);
const cpuShape = {
  userUs: count,
  niceUs: count,
  systemUs: count,
  idleUs: count,
  iowaitUs: count,
  irqUs: count,
  softirqUs: count,
  stealUs: count,
} satisfies Record<keyof CpuCounters, typeof count>;

const nodeRowSchema = z
  .object({ ...cpuShape, at: z.date(), bootId: z.string(), monotonicMs: z.number(), cores: z.number() })
  .extend({ memoryTotalBytes: count, memoryAvailableBytes: count });
const traffic = { rxBytes: count, txBytes: count, rxPackets: count, txPackets: count };
const nicRowSchema = z
  .object({ ...traffic, at: z.date(), name: z.string() })
  .extend({ rxErrors: count, txErrors: count, rxDropped: count, txDropped: count });
const vpsRowSchema = z
  .object({ ...traffic, at: z.date(), vpsId: z.string(), runId: z.string(), pids: z.number() })
  .extend({ cpuUserUs: count, cpuSystemUs: count, memoryBytes: count });

const NODE_COLUMNS = Prisma.raw(
  `s.at, s.boot_id AS "bootId", s.monotonic_ms AS "monotonicMs", s.cores, s.user_us AS "userUs", s.nice_us AS "niceUs",
   s.system_us AS "systemUs", s.idle_us AS "idleUs", s.iowait_us AS "iowaitUs", s.irq_us AS "irqUs",
   s.softirq_us AS "softirqUs", s.steal_us AS "stealUs", s.memory_total_bytes AS "memoryTotalBytes",
   s.memory_available_bytes AS "memoryAvailableBytes"`,
);
const TRAFFIC_COLUMNS = Prisma.raw(
  `x.rx_bytes AS "rxBytes", x.tx_bytes AS "txBytes", x.rx_packets AS "rxPackets", x.tx_packets AS "txPackets"`,
);
const SELECT_NICS = Prisma.sql`SELECT x.at, x.name, ${TRAFFIC_COLUMNS}, x.rx_errors AS "rxErrors", x.tx_errors AS "txErrors",
  x.rx_dropped AS "rxDropped", x.tx_dropped AS "txDropped" FROM nic_sample`;
const SELECT_VPS = Prisma.sql`SELECT x.at, x.vps_id AS "vpsId", x.run_id AS "runId", x.cpu_user_us AS "cpuUserUs",
  x.cpu_system_us AS "cpuSystemUs", x.memory_bytes AS "memoryBytes", x.pids, ${TRAFFIC_COLUMNS} FROM vps_sample`;

/** The node's samples that a chart needs: the last of each interval. */
function chosen(nodeId: string, { fromMs, toMs, intervalMs }: Period): Prisma.Sql {
  return Prisma.sql`
    SELECT max(at) AS at FROM node_sample
    WHERE node_id = ${nodeId} AND at >= ${new Date(fromMs)} AND at < ${new Date(toMs)}
    GROUP BY floor(extract(epoch FROM at) * 1000 / ${intervalMs}::float8)`;
}

const useRowSchema = z.object({ vpsId: z.string(), memoryBytes: count, cpuCores: z.number().nonnegative().nullable() });
/** `cpuCores` is null while there is only one sample of this run. */
export type VpsUse = Omit<z.infer<typeof useRowSchema>, "vpsId">;

export function createMetricsStore(access: DatabaseAccess) {
  return {
    /** A sample that is there already (the server asked twice) is passed over. */
    async add(nodeId: string, samples: readonly NodeSample[]): Promise<void> {
      if (samples.length === 0) return;
      await access.transaction(async (transaction) => {
        for (const sql of insertsOf(nodeId, samples)) await transaction.$executeRaw(sql);
      });
    },

    /** Monotonic time of the last stored sample of this boot; null when there is none in the last day. */
    async lastMonotonicMs(nodeId: string): Promise<{ bootId: string; monotonicMs: number } | null> {
      return await access.read((db) =>
        db.nodeSample.findFirst({
          where: { nodeId },
          orderBy: { at: "desc" },
          select: { bootId: true, monotonicMs: true },
        }),
      );
    },

    /** Oldest first, each with its NICs and one entry for all VPSs together; with `vpsId`, with that VPS alone. */
    async read(nodeId: string, period: Period, vpsId?: string): Promise<NodeSample[]> {
      const at = chosen(nodeId, period);
      const nodes = await access.read(
        (db) =>
          db.$queryRaw`SELECT ${NODE_COLUMNS} FROM node_sample s JOIN (${at}) c ON c.at = s.at WHERE s.node_id = ${nodeId} ORDER BY s.at`,
      );
      const nics = vpsId === undefined ? await access.read((db) => db.$queryRaw(of(SELECT_NICS, nodeId, at))) : [];
      const one = Prisma.sql`${of(SELECT_VPS, nodeId, at)} AND x.vps_id = ${vpsId ?? ""}`;
      const vps = await access.read((db) => db.$queryRaw(vpsId === undefined ? allVpsSql(nodeId, at) : one));
      return assemble(
        z.array(nodeRowSchema).parse(nodes),
        z.array(nicRowSchema).parse(nics),
        z.array(vpsRowSchema).parse(vps),
      );
    },

    /** What each VPS of the node used lately: the rate of its last two samples, and the memory of the last. */
    async newestUse(nodeId: string, fromMs: number): Promise<Map<string, VpsUse>> {
      const rows = await access.read(
        (db) => db.$queryRaw`
          SELECT DISTINCT ON (vps_id) vps_id AS "vpsId", memory_bytes AS "memoryBytes",
            (cpu_user_us + cpu_system_us - lag(cpu_user_us + cpu_system_us) OVER w)::float8
              / 1e6 / extract(epoch FROM at - lag(at) OVER w)::float8 AS "cpuCores"
          FROM vps_sample WHERE node_id = ${nodeId} AND at >= ${new Date(fromMs)}
          WINDOW w AS (PARTITION BY vps_id, run_id ORDER BY at) ORDER BY vps_id, at DESC`,
      );
      const all = z.array(useRowSchema).parse(rows);
      return new Map(all.map(({ vpsId, ...use }) => [vpsId, use]));
    },

    /** Makes partitions for the days around now, drops those beyond the retention. @returns how many changed. */
    async keepPartitions(nowMs: number, retentionDays: number): Promise<number> {
      const day = new Date(nowMs).toISOString().slice(0, 10);
      const rows = await access.read(
        (db) => db.$queryRaw`SELECT muster_keep_sample_partitions(${day}::date, ${retentionDays}::int) AS changed`,
      );
      return z.tuple([z.object({ changed: z.number() })]).parse(rows)[0].changed;
    },
  };
}
export type MetricsStore = ReturnType<typeof createMetricsStore>;

function of(select: Prisma.Sql, nodeId: string, at: Prisma.Sql): Prisma.Sql {
  return Prisma.sql`${select} x JOIN (${at}) c ON c.at = x.at WHERE x.node_id = ${nodeId}`;
}

/**
 * The VPSs of a node as one, whose counters only grow: what each used since its sample before, a restarted one
 * since its zero, summed up. Fifty VPSs of a day are 72,000 rows: added up by PostgreSQL, they do not hold up the
 * server's other callers for a second, as they did when they were added up here.
 */
function allVpsSql(nodeId: string, at: Prisma.Sql): Prisma.Sql {
  return Prisma.sql`
    WITH c AS (${at}),
    d AS (
      SELECT x.at, x.memory_bytes, x.pids,
        greatest(0, x.cpu_user_us - coalesce(lag(x.cpu_user_us) OVER w, 0)) AS user_us,
        greatest(0, x.cpu_system_us - coalesce(lag(x.cpu_system_us) OVER w, 0)) AS system_us
      FROM vps_sample x JOIN c ON c.at = x.at WHERE x.node_id = ${nodeId}
      WINDOW w AS (PARTITION BY x.vps_id, x.run_id ORDER BY x.at))
    SELECT c.at, 'all' AS "vpsId", 'all' AS "runId",
      (sum(coalesce(sum(d.user_us), 0)) OVER (ORDER BY c.at))::bigint AS "cpuUserUs",
      (sum(coalesce(sum(d.system_us), 0)) OVER (ORDER BY c.at))::bigint AS "cpuSystemUs",
      coalesce(sum(d.memory_bytes), 0)::bigint AS "memoryBytes", coalesce(sum(d.pids), 0)::int AS pids,
      0::bigint AS "rxBytes", 0::bigint AS "txBytes", 0::bigint AS "rxPackets", 0::bigint AS "txPackets"
    FROM c LEFT JOIN d ON d.at = c.at GROUP BY c.at`;
}

type Row<Schema extends z.ZodType> = z.infer<Schema>;

function assemble(
  nodes: Row<typeof nodeRowSchema>[],
  nics: Row<typeof nicRowSchema>[],
  vps: Row<typeof vpsRowSchema>[],
): NodeSample[] {
  const nicsAt = Map.groupBy(nics, (nic) => nic.at.getTime());
  const vpsAt = Map.groupBy(vps, (one) => one.at.getTime());
  return nodes.map(({ at, bootId, monotonicMs, cores, memoryTotalBytes, memoryAvailableBytes, ...cpu }) => ({
    bootId,
    monotonicMs,
    cores,
    memoryTotalBytes,
    memoryAvailableBytes,
    cpu,
    observedAtMs: at.getTime(),
    nics: (nicsAt.get(at.getTime()) ?? []).map(({ at: _, ...nic }) => nic),
    vps: (vpsAt.get(at.getTime()) ?? []).map(({ at: _, ...one }) => one),
  }));
}

function insertsOf(nodeId: string, samples: readonly NodeSample[]): Prisma.Sql[] {
  const json = (rows: readonly object[]) => JSON.stringify(rows);
  const at = (sample: NodeSample) => new Date(sample.observedAtMs).toISOString();
  const nodes = json(
    samples.map((sample) => ({
      ...sample.cpu,
      ...sample,
      at: at(sample),
      nics: undefined,
      vps: undefined,
      cpu: undefined,
    })),
  );
  const nics = json(samples.flatMap((sample) => sample.nics.map((nic) => ({ ...nic, at: at(sample) }))));
  const vps = json(samples.flatMap((sample) => sample.vps.map((one) => ({ ...one, at: at(sample) }))));
  return [
    Prisma.sql`INSERT INTO node_sample
      SELECT ${nodeId}, r.at, r."bootId", r."monotonicMs", r.cores, r."userUs", r."niceUs", r."systemUs", r."idleUs",
        r."iowaitUs", r."irqUs", r."softirqUs", r."stealUs", r."memoryTotalBytes", r."memoryAvailableBytes"
      FROM jsonb_to_recordset(${nodes}::jsonb) AS r(at TIMESTAMPTZ, "bootId" TEXT, "monotonicMs" FLOAT8, cores INT,
        "userUs" INT8, "niceUs" INT8, "systemUs" INT8, "idleUs" INT8, "iowaitUs" INT8, "irqUs" INT8, "softirqUs" INT8,
        "stealUs" INT8, "memoryTotalBytes" INT8, "memoryAvailableBytes" INT8) ON CONFLICT DO NOTHING`,
    Prisma.sql`INSERT INTO nic_sample
      SELECT ${nodeId}, r.at, r.name, r."rxBytes", r."txBytes", r."rxPackets", r."txPackets", r."rxErrors", r."txErrors",
        r."rxDropped", r."txDropped"
      FROM jsonb_to_recordset(${nics}::jsonb) AS r(at TIMESTAMPTZ, name TEXT, "rxBytes" INT8, "txBytes" INT8,
        "rxPackets" INT8, "txPackets" INT8, "rxErrors" INT8, "txErrors" INT8, "rxDropped" INT8, "txDropped" INT8)
      ON CONFLICT DO NOTHING`,
    Prisma.sql`INSERT INTO vps_sample
      SELECT ${nodeId}, r.at, r."vpsId", r."runId", r."cpuUserUs", r."cpuSystemUs", r."memoryBytes", r.pids, r."rxBytes",
        r."txBytes", r."rxPackets", r."txPackets"
      FROM jsonb_to_recordset(${vps}::jsonb) AS r(at TIMESTAMPTZ, "vpsId" TEXT, "runId" TEXT, "cpuUserUs" INT8,
        "cpuSystemUs" INT8, "memoryBytes" INT8, pids INT, "rxBytes" INT8, "txBytes" INT8, "rxPackets" INT8, "txPackets" INT8)
      ON CONFLICT DO NOTHING`,
  ];
}
