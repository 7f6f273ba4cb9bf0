/** The arguments of `npm start`. */
import { MAX_SIMULATED } from "./environment.ts";
import { Refusal } from "./refusal.ts";

const USAGE = `usage: npm start [-- [--simulate NODES] [--adopt]]
  --simulate  simulated nodes instead of this machine, from 1 to ${MAX_SIMULATED}; 3 where no number is given
  --adopt     the database was lost: take back the nodes that are there, with the VPSs on them`;

export interface Arguments {
  /** Simulated nodes instead of this host's own; null when they were not asked for. */
  simulate: number | null;
  adopt: boolean;
}

const DEFAULT_SIMULATED = "3";

export function parseArguments(argv: readonly string[]): Arguments {
  const words = argv.flatMap((word) => (word.startsWith("--simulate=") ? word.split("=", 2) : [word]));
  const asked: Arguments = { simulate: null, adopt: false };
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    if (word === "--adopt") asked.adopt = true;
    else if (word === "--simulate" && asked.simulate === null) asked.simulate = countOf(numberOf(words));
    else throw new Refusal(`${word} is not known here.\n${USAGE}`, 2);
  }
  return asked;
}

/** The word after `--simulate`, taken off, unless it is the next option. */
function numberOf(words: string[]): string {
  const [next] = words;
  return next === undefined || next.startsWith("--") ? DEFAULT_SIMULATED : (words.shift() ?? DEFAULT_SIMULATED);
}

function countOf(text: string): number {
  const count = Number(text);
  if (/^[0-9]+$/.test(text) && count >= 1 && count <= MAX_SIMULATED) return count;
  throw new Refusal(`--simulate takes the number of nodes, not "${text}".\n${USAGE}`, 2);
}
