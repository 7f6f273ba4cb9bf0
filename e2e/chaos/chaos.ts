/**
 * `pnpm chaos --seconds 300 --seed N`: two servers on one PostgreSQL, four simulated nodes, and this host's real node where
 * it can be one; callers that ask for everything at random while servers, agents and the database are killed at random;
 * then quiet, and an audit from outside. Progress goes to stderr, one JSON line to stdout; exits 1 on any finding. The
 * seed decides who asks for what, and what is killed, and when: another run of it decides the same.
 */
import { copyFile, mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { startCluster } from "../cluster/cluster.ts";
import { heardNodes } from "../fleet-of.ts";
import { type Audit, audit } from "./audit.ts";
import { perform, type Stage } from "./callers.ts";
import { disturb } from "./disturbance.ts";
import { retryStuck, untilQuiet } from "./quiet.ts";
import { emptyRecord } from "./record.ts";
import { scheduleOf } from "./schedule.ts";

const SIMULATED = 4;
const REAL_NETWORK = "10.91.8.0/24";
const NEEDS_ROOT_ON_LINUX = process.platform === "linux" && process.getuid?.() === 0;

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "300" },
    seed: { type: "string", default: "20061122" },
    /** Left out: real as well, where the host can. */
    "only-simulated": { type: "boolean", default: false },
  },
});
const seconds = Number(values.seconds);
const seed = Number(values.seed);
if (!Number.isInteger(seconds) || seconds < 1 || !Number.isInteger(seed)) {
  process.stderr.write("chaos: --seconds and --seed are whole numbers\n");
  process.exit(2);
}

const say = (line: string) => process.stderr.write(`chaos ${seed}: ${line}\n`);
const figures = (map: ReadonlyMap<string, number>) => Object.fromEntries([...map].sort());
type Outcome = Audit & { stage: Stage; stuck: number };

async function storm(): Promise<Outcome> {
  const isReal = NEEDS_ROOT_ON_LINUX && !values["only-simulated"];
  const cluster = await startCluster({
    ...{ name: "chaos", port: 9_260, servers: 2, simulated: SIMULATED },
    realNetwork: isReal ? REAL_NETWORK : undefined,
  });
  try {
    const [client] = cluster.clients;
    if (client === undefined) throw new Error("a run has servers");
    const nodes = (await heardNodes(client)).map(({ id, name, simulated }) => ({
      ...{ id, simulated },
      prefix: simulated ? `10.90.${Number(name.slice(-2)) - 1}` : REAL_NETWORK.replace(/\.0\/.*$/, ""),
    }));
    say(`${nodes.length} nodes, ${isReal ? "one of them real" : "all simulated"}`);
    const stage: Stage = { clients: cluster.clients, nodes, record: emptyRecord(), background: [] };
    const { acts, kills } = scheduleOf(seed, seconds);
    say(`${acts.length} acts and ${kills.length} kills are to come in ${seconds} s`);
    const [unfit] = await Promise.all([perform(stage, acts), disturb(cluster, kills, stage.record)]);
    say("quiet");
    const restless = await untilQuiet(stage, client);
    const stuck = await retryStuck(client);
    const stillRestless = stuck === 0 ? [] : await untilQuiet(stage, client);
    const seen = await audit(cluster, stage, client);
    const findings = [...unfit, ...restless, ...stillRestless, ...seen.findings];
    if (findings.length > 0) say(`the logs are in ${await keepLogs(cluster.dataDir)}`);
    return { ...seen, stage, stuck, findings };
  } finally {
    await cluster.end();
  }
}

/** What the processes wrote, out of the directory that is about to go. */
async function keepLogs(dataDir: string): Promise<string> {
  const kept = fileURLToPath(new URL(`../../.muster/chaos/${seed}`, import.meta.url));
  await mkdir(kept, { recursive: true });
  const logs = (await readdir(dataDir)).filter((name) => name.endsWith(".log"));
  for (const name of logs) await copyFile(join(dataDir, name), join(kept, name));
  return kept;
}

const began = performance.now();
const { findings, jobs, vpss, stage, stuck } = await storm();
for (const finding of findings) say(`FOUND: ${finding}`);
const { promised, markers, refusals, kills } = stage.record;
process.stdout.write(
  `${JSON.stringify({
    ...{
      chaos: seed,
      at: new Date().toISOString(),
      seconds,
      tookSeconds: Math.round((performance.now() - began) / 1000),
    },
    nodes: { simulated: SIMULATED, real: stage.nodes.filter(({ simulated }) => !simulated).length },
    ...{ promised: promised.size, jobs, stuckThenRetried: stuck, vpss, markers: markers.size },
    ...{ kills: figures(kills), refusals: figures(refusals), findings, ok: findings.length === 0 },
  })}\n`,
);
process.exit(findings.length === 0 ? 0 : 1);
