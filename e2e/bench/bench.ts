/**
 * `pnpm bench NAME`: measures one thing against the real parts. Progress goes to stderr, one JSON line to
 * stdout; exits 1 when a threshold is missed, 2 when it could not be measured.
 */
import { readFileSync } from "node:fs";
import { cpus, release } from "node:os";

/** A threshold is an upper bound unless its figure is one of AT_LEAST. */
export interface BenchResult {
  figures: Record<string, number>;
  thresholds: Record<string, number>;
}

const BENCHES: Record<string, () => Promise<{ measure: () => Promise<BenchResult> }>> = {
  provision: () => import("./provision.ts"),
  agent: () => import("./agent.ts"),
  console: () => import("./console.ts"),
  operations: () => import("./operations.ts"),
  limits: () => import("./limits.ts"),
};

/** Of these figures more is better: their thresholds are what must be reached. */
const AT_LEAST = new Set(["perSecond"]);

function machine(): { cpu: string; cores: number; kernel: string } {
  const model = /^model name\s*:\s*(.+)$/m.exec(readFileSync("/proc/cpuinfo", "utf8"))?.[1] ?? "unknown";
  return { cpu: model, cores: cpus().length, kernel: release() };
}

const name = process.argv[2] ?? "";
const load = BENCHES[name];
if (load === undefined) {
  process.stderr.write(`bench: say which one: ${Object.keys(BENCHES).join(", ")}\n`);
  process.exit(2);
}
const { measure } = await load();
const { figures, thresholds } = await measure();
const ok = Object.entries(thresholds).every(([figure, bound]) => {
  const value = figures[figure] ?? Number.NaN; // which meets no threshold
  return AT_LEAST.has(figure) ? value >= bound : value <= bound;
});
process.stdout.write(
  `${JSON.stringify({ bench: name, at: new Date().toISOString(), machine: machine(), figures, thresholds, ok })}\n`,
);
process.exit(ok ? 0 : 1);
