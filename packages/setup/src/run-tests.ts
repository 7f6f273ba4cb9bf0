/**
 * Every tier, one after the other (two cores, one kernel), in one plain last line: `N passed, N failed`. A tier that ran no
 * test is a failure: the day the file pattern breaks must not look like a good day.
 */
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { workspaceEnv } from "./bootstrap/products.mjs";
import { lockDataDir } from "./supervisor/supervisor-lock.ts";
import { failure, type Outcome, sum } from "./testing/outcome.ts";
import { playwrightOutcome } from "./testing/playwright-report.ts";
import { runToEnd } from "./testing/runner.ts";
import { type StaticCheck, staticChecks } from "./testing/static-checks.ts";
import { sweep } from "./testing/sweep.ts";
import { temporaryDatabase } from "./testing/temporary-database.ts";
import { foldersWith, TIERS, type Tier } from "./testing/tiers.ts";
import { REPORT_VARIABLE, vitestOutcome } from "./testing/vitest-reporter.ts";

const CHECKOUT = resolve(import.meta.dirname, "../../..");
const REPORTS = join(CHECKOUT, ".muster/test");
const REPORTER = join(import.meta.dirname, "testing/vitest-reporter.ts");
const RUN_DIR = join(tmpdir(), "muster-tests-run");
const STATIC_MS = 5 * 60_000;
const VITEST_MS = 8 * 60_000;
const BROWSER_MS = 12 * 60_000;
const CHAOS_MS = 8 * 60_000;
/** A short one; `pnpm chaos --seconds 300 --seed N` is the whole. */
const CHAOS = ["--seconds", "25", "--seed", "20061122"];

const PATH = workspaceEnv().PATH;
const isRootOnLinux = process.platform === "linux" && process.getuid?.() === 0;

async function staticCheck(argv: StaticCheck): Promise<Outcome> {
  const [name] = argv;
  const log = join(REPORTS, `${name}.log`);
  const code = await runToEnd({ argv, cwd: CHECKOUT, env: { PATH }, log, timeoutMs: STATIC_MS });
  return code === 0 ? { passed: 1, failed: 0, skipped: 0, failures: [] } : failure(`${argv.join(" ")} failed: ${log}`);
}

/** The report decides, and the exit code too: an error outside any test is in no report. */
async function reported(
  run: { name: string; code: number | null; report: string; log: string },
  read: (json: string) => Outcome,
) {
  if (!existsSync(run.report))
    return failure(`${run.name} gave no report (${run.code ?? "ended after its time"}): ${run.log}`);
  const outcome = read(readFileSync(run.report, "utf8"));
  if (run.code === 0 || outcome.failed > 0) return outcome;
  return sum([outcome, failure(`${run.name} ended with ${run.code ?? "its time over"}: ${run.log}`)]);
}

async function vitest(tier: Tier, folder: string, env: Record<string, string>): Promise<Outcome> {
  const name = `${tier}-${folder.replace("/", "-")}`;
  const [report, log] = [join(REPORTS, `${name}.json`), join(REPORTS, `${name}.log`)];
  const cwd = join(CHECKOUT, folder);
  const reporters = ["--reporter=default", `--reporter=${REPORTER}`];
  const argv = [join(cwd, "node_modules/.bin/vitest"), "run", "--project", tier, ...reporters] as const;
  const variables = { PATH, CI: "1", [REPORT_VARIABLE]: report, ...env };
  const code = await runToEnd({ argv, cwd, env: variables, log, timeoutMs: VITEST_MS });
  return reported({ name, code, report, log }, vitestOutcome);
}

async function tier(name: Tier, env: Record<string, string>): Promise<Outcome> {
  const outcomes: Outcome[] = [];
  for (const folder of foldersWith(name, CHECKOUT)) outcomes.push(await vitest(name, folder, env));
  return sum(outcomes);
}

async function browser(env: Record<string, string>): Promise<Outcome> {
  const [report, log] = [join(REPORTS, "browser.json"), join(REPORTS, "browser.log")];
  const cwd = join(CHECKOUT, "e2e");
  const argv = ["npm", "run", "--silent", "test"] as const;
  const variables = { PATH, CI: "1", [REPORT_VARIABLE]: report, ...env };
  const code = await runToEnd({ argv, cwd, env: variables, log, timeoutMs: BROWSER_MS });
  return reported({ name: "browser", code, report, log }, playwrightOutcome);
}

/** Servers, agents and database killed at random, then an audit from outside. */
async function chaos(): Promise<Outcome> {
  const log = join(REPORTS, "chaos.log");
  const argv = [process.execPath, join(CHECKOUT, "e2e/chaos/chaos.ts"), ...CHAOS] as const;
  const code = await runToEnd({ argv, cwd: CHECKOUT, env: { PATH }, log, timeoutMs: CHAOS_MS });
  return code === 0 ? { passed: 1, failed: 0, skipped: 0, failures: [] } : failure(`chaos ${CHAOS.join(" ")}: ${log}`);
}

/** Prints a tier's line and what failed in it, at once: twenty minutes are long. */
async function told(name: string, work: () => Promise<Outcome>): Promise<Outcome> {
  const startedAt = performance.now();
  const outcome = await work();
  const empty = outcome.passed + outcome.failed === 0;
  const result = empty ? failure(`${name} ran no test`) : outcome;
  const skipped = result.skipped > 0 ? `, ${result.skipped} skipped` : "";
  const seconds = Math.round((performance.now() - startedAt) / 1000);
  console.log(`  ${name}: ${result.passed} passed, ${result.failed} failed${skipped} (${seconds} s)`);
  for (const line of result.failures) console.log(`    ${line}`);
  return result;
}

async function everyTier(): Promise<Outcome> {
  const outcomes: Outcome[] = [];
  for (const check of staticChecks(CHECKOUT)) outcomes.push(await told(check[0], () => staticCheck(check)));
  const database = await temporaryDatabase(CHECKOUT);
  try {
    const env = { MUSTER_TEST_DATABASE_URL: database.url };
    for (const name of TIERS) {
      if (name === "real" && !isRootOnLinux) console.log("  real: left out, it needs root on Linux");
      else outcomes.push(await told(name, () => tier(name, env)));
    }
    outcomes.push(await told("browser", () => browser(env)));
    outcomes.push(await told("chaos", chaos));
  } finally {
    await database.stop();
  }
  return sum(outcomes);
}

/** Two runs at once would sweep each other away. */
async function alone(work: () => Promise<Outcome>): Promise<Outcome> {
  mkdirSync(RUN_DIR, { recursive: true });
  const unlock = lockDataDir(RUN_DIR);
  try {
    for (const line of await sweep()) console.log(`  ${line}`);
    rmSync(REPORTS, { recursive: true, force: true });
    return await work();
  } finally {
    unlock();
  }
}

for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => process.exit(130));
process.on("disconnect", () => process.exit(130));

process.umask(0o022);
console.log("Muster: tests");
const total = await alone(everyTier);
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exit(total.failed === 0 ? 0 : 1);
