/**
 * A process's own words: every line into its log file, warnings and errors on the terminal too. The files turn over at 10 MiB,
 * one old one is kept: 20 MiB a process is the most they take.
 */
import { closeSync, fstatSync, openSync, renameSync, writeSync } from "node:fs";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { z } from "zod";

const MAX_BYTES = 10 * 1024 ** 2;
const TAIL_LINES = 20;
const WARN = 40; // pino's levels

const pinoLine = z.object({
  level: z.number(),
  msg: z.string().optional(),
  err: z.object({ message: z.string() }).optional(),
});

export interface ProcessLog {
  follow(stream: Readable): void;
  /** The last lines, for the sentence about an end. */
  tail(): string[];
}

/** What of a line the person at the terminal should see; null for nothing. */
export function terminalLine(line: string): string | null {
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch {
    return null; // not a log line: it is in the file, and in the tail when the process ends
  }
  const parsed = pinoLine.safeParse(json);
  if (!parsed.success || parsed.data.level < WARN) return null;
  const { level, msg, err } = parsed.data;
  const words = [msg, err?.message].filter((part) => part !== undefined && part !== "").join(": ");
  return `${level > WARN ? "error" : "warning"}: ${words}`;
}

function turnOver(file: string): number {
  renameSync(file, `${file}.1`);
  return openSync(file, "a", 0o600);
}

export function openLog(file: string, toTerminal: (line: string) => void): ProcessLog {
  let descriptor = openSync(file, "a", 0o600);
  let bytes = fstatSync(descriptor).size;
  const lines: string[] = [];
  const keep = (line: string) => {
    bytes += writeSync(descriptor, `${line}\n`);
    if (bytes <= MAX_BYTES) return;
    const next = turnOver(file);
    closeSync(descriptor);
    descriptor = next;
    bytes = 0;
  };
  const take = (line: string) => {
    lines.push(line);
    if (lines.length > TAIL_LINES) lines.shift();
    try {
      keep(line);
    } catch {
      // A full disk takes the line, not the product with it.
    }
    const shown = terminalLine(line);
    if (shown !== null) toTerminal(shown);
  };
  return {
    follow: (stream) => void createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY }).on("line", take),
    tail: () => [...lines],
  };
}
