/** What a terminal has shown lately, numbered, so that a page that was reloaded goes on where it was. */
import type { TerminalOutput } from "@muster/agent-api/agent";

const KEPT_BYTES = 256 * 1024;

export interface Replay {
  push(chunk: Buffer): void;
  end(exitCode: number | null): void;
  /** From the given number on as far as it is kept, then as it comes, until the exit. */
  follow(afterSeq: number, signal: AbortSignal): AsyncIterable<TerminalOutput>;
  watched(): boolean;
}

export function createReplay(keptBytes = KEPT_BYTES): Replay {
  const kept: TerminalOutput[] = [];
  const watchers = new Set<() => void>();
  let seq = 0;
  let bytes = 0;

  const add = (event: TerminalOutput) => {
    kept.push(event);
    bytes += sizeOf(event);
    while (bytes > keptBytes && kept.length > 1) {
      const oldest = kept.shift();
      if (oldest !== undefined) bytes -= sizeOf(oldest);
    }
    for (const wake of watchers) wake();
  };

  async function* follow(afterSeq: number, signal: AbortSignal): AsyncGenerator<TerminalOutput> {
    let last = afterSeq;
    let wake = (): void => undefined;
    const woken = () => wake();
    watchers.add(woken);
    signal.addEventListener("abort", woken);
    try {
      while (!signal.aborted) {
        const next = kept.find((event) => event.seq > last);
        if (next === undefined) {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
          continue;
        }
        // Numbers may be missing for a reader slower than the terminal: what it sees next is what is still kept.
        last = next.seq;
        yield next;
        if (next.type === "exit") return;
      }
    } finally {
      watchers.delete(woken);
      signal.removeEventListener("abort", woken);
    }
  }

  return {
    push: (chunk) => {
      seq += 1;
      add({ type: "data", seq, data: chunk.toString("base64") });
    },
    end: (exitCode) => {
      seq += 1;
      add({ type: "exit", seq, exitCode });
    },
    follow,
    watched: () => watchers.size > 0,
  };
}

/** Of the bytes themselves: base64 makes four characters of three. */
const sizeOf = (event: TerminalOutput): number => (event.type === "data" ? (event.data.length * 3) / 4 : 0);
