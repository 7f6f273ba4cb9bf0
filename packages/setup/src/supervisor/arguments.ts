/** The one argument of `npm start`. */
import { MAX_SIMULATED } from "./environment.ts";
import { Refusal } from "./refusal.ts";

const USAGE = `usage: npm start [-- --simulate NODES]   (NODES from 1 to ${MAX_SIMULATED})`;

export interface Arguments {
  /** Simulated nodes instead of this host's own; null when they were not asked for. */
  simulate: number | null;
}

export function parseArguments(argv: readonly string[]): Arguments {
  const [flag, ...rest] = argv.flatMap((word) => (word.startsWith("--simulate=") ? word.split("=", 2) : [word]));
  if (flag === undefined) return { simulate: null };
  if (flag !== "--simulate" || rest.length > 1) throw new Refusal(`${flag} is not known here.\n${USAGE}`, 2);
  const [countText = "3"] = rest;
  const count = Number(countText);
  if (/^[0-9]+$/.test(countText) && count >= 1 && count <= MAX_SIMULATED) return { simulate: count };
  throw new Refusal(`--simulate takes the number of nodes, not "${countText}".\n${USAGE}`, 2);
}
