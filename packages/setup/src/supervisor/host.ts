/**
 * Whether this host runs VPSs itself or shows simulated nodes, and why. Doctor decides (the agent's own list of what a node
 * needs); where it cannot even be asked, the reason is said here.
 */
import { join } from "node:path";
import { execute } from "./execute.ts";

const SIMULATED_BY_DEFAULT = 3;

export type NodesPlan =
  | { kind: "real" }
  /** No reasons: they were asked for. */
  | { kind: "simulated"; count: number; reasons: string[] };

export interface HostFacts {
  platform: string;
  isRoot: boolean;
  /** Asked for by argument or environment. */
  simulate: number | null;
}

function simulatedBecause(reason: string): NodesPlan {
  return { kind: "simulated", count: SIMULATED_BY_DEFAULT, reasons: [reason] };
}

/** What can be said without asking doctor; null: ask it. */
export function planBeforeDoctor({ platform, isRoot, simulate }: HostFacts): NodesPlan | null {
  if (simulate !== null) return { kind: "simulated", count: simulate, reasons: [] };
  if (platform !== "linux") return simulatedBecause(`VPSs need Linux, and this is ${platform}.`);
  if (!isRoot) return simulatedBecause("VPSs need root: run `sudo npm start`.");
  return null;
}

/** @param report doctor's, a line for each capability: "no   overlay   ...". Where it broke off, all it said is a reason. */
export function planAfterDoctor(exitCode: number, report: string): NodesPlan {
  if (exitCode === 0) return { kind: "real" };
  const lines = report.split("\n").filter((line) => line.trim() !== "");
  const missing = lines.filter((line) => /^no\s/.test(line)).map((line) => line.replace(/^no\s+/, "missing: "));
  return { kind: "simulated", count: SIMULATED_BY_DEFAULT, reasons: missing.length > 0 ? missing : lines };
}

export async function planNodes(facts: HostFacts, checkout: string, env: NodeJS.ProcessEnv): Promise<NodesPlan> {
  const plan = planBeforeDoctor(facts);
  if (plan !== null) return plan;
  const doctor = await execute([process.execPath, join(checkout, "apps/agent/src/doctor.ts")], { env });
  return planAfterDoctor(doctor.code, doctor.stdout || doctor.stderr);
}
