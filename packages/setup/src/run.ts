/**
 * Runs the product under the workspace's Node 24, after start.mjs has set everything up. It ends on Ctrl-C, on SIGTERM, and
 * when the process that started it is gone.
 */
import { resolve } from "node:path";
import { CRIU } from "./bootstrap/places.mjs";
import { parseArguments } from "./supervisor/arguments.ts";
import { parseEnvironment } from "./supervisor/environment.ts";
import type { NodesPlan } from "./supervisor/host.ts";
import { Refusal } from "./supervisor/refusal.ts";
import { type Supervision, supervision } from "./supervisor/supervise.ts";

const CHECKOUT = resolve(import.meta.dirname, "../../..");

function say(line: string): void {
  console.log(`  ${line}`);
}

function sayPlan(plan: NodesPlan): void {
  if (plan.kind === "real") {
    say("This host is a node. Ctrl-C stops Muster; VPSs keep running.");
    return;
  }
  for (const reason of plan.reasons) say(reason);
  const why = plan.reasons.length > 0 ? "This host cannot run VPSs, so it" : "It";
  say(`${why} starts with ${plan.count} simulated ${plan.count === 1 ? "node" : "nodes"}. Ctrl-C stops Muster.`);
}

function failed(error: unknown): number {
  if (!(error instanceof Refusal)) {
    console.error(error);
    return 1;
  }
  console.error(`\nmuster: ${error.message}`);
  return error.exitCode;
}

function prepared(): Supervision {
  const isRoot = process.getuid?.() === 0;
  const environment = parseEnvironment(process.env, isRoot);
  const { simulate: askedFor, adopt } = parseArguments(process.argv.slice(2));
  const asked = askedFor ?? environment.MUSTER_SIMULATE ?? 0;
  const simulate = asked === 0 ? null : asked;
  return supervision({ environment, isRoot, simulate, adopt, checkout: CHECKOUT, builtCriu: CRIU, say });
}

async function main(): Promise<void> {
  process.umask(0o022); // the unprivileged processes read what is made here
  // A terminal or a pipe that is gone takes the words with it, not the product.
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => undefined);
  const product = prepared();
  let stopping = false;
  const stop = async (why: string, exitCode: number) => {
    if (stopping) return;
    stopping = true;
    console.log(`\nMuster: ${why}`);
    await product.stop();
    console.log("  stopped. VPSs, where there are any, keep running; the next start finds them again.");
    process.exit(exitCode);
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => void stop("stopping", 0));
  process.on("disconnect", () => void stop("whoever started this is gone; stopping", 0));
  try {
    console.log("Muster: start");
    const { address, plan } = await product.start();
    sayPlan(plan);
    console.log(`\n  Open ${address}`);
  } catch (error) {
    if (stopping) return; // a stop in mid-start makes the start fail; that is no news
    const exitCode = failed(error);
    await product.stop();
    process.exit(exitCode);
  }
}

main().catch((error: unknown) => process.exit(failed(error)));
