/** tc(8) of iproute2: several lines in one process, and what it shows of the queues of an interface. */
import { z } from "zod";
import { runOk } from "./exec.ts";

const TIMEOUT_MS = 10_000;

const qdiscsSchema = z.array(
  z.object({
    kind: z.string(),
    handle: z.string().optional(),
    root: z.boolean().optional(),
    /** Of tbf: bytes per second. */
    options: z.object({ rate: z.number().optional() }).optional(),
    /** Sent since it was made. */
    packets: z.number().optional(),
    /** Packets that wait in it, and their bytes. */
    qlen: z.number().optional(),
    backlog: z.number().optional(),
  }),
);
export type Qdiscs = z.infer<typeof qdiscsSchema>;

/** A spawn costs more than all of them. What is shown comes as JSON, a line each. */
export function tc(...lines: readonly string[]): Promise<string> {
  const input = `${lines.join("\n")}\n`;
  return runOk({ program: "tc", args: ["-json", "-statistics", "-batch", "-"], input, timeoutMs: TIMEOUT_MS });
}

export const showLine = (name: string): string => `qdisc show dev ${name}`;
export const parseQdiscs = (text: string): Qdiscs => qdiscsSchema.parse(JSON.parse(text));

/** Bits per second; null where there is no tbf. */
export function rateOf(qdiscs: Qdiscs): number | null {
  const rate = heldBy(qdiscs)?.options?.rate;
  return rate === undefined ? null : rate * 8;
}

/** Bytes that wait behind the tbf, in whatever is in it. */
export const backlogOf = (qdiscs: Qdiscs): number => heldBy(qdiscs)?.backlog ?? 0;

/** Packets that the tbf has let through. */
export const sentOf = (qdiscs: Qdiscs): number => heldBy(qdiscs)?.packets ?? 0;

const heldBy = (qdiscs: Qdiscs) => qdiscs.find(({ kind, root = false }) => kind === "tbf" && root);
