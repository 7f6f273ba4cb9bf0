/** A terminal of a simulated guest: a shell that echoes, runs what guest.ts knows, and ends with `exit` or ctrl-D. */
import type { TerminalOutput } from "@muster/agent-api/agent";
import type { VpsPlan } from "@muster/node-agent/engine/ports";
import { runLine } from "./guest.ts";

/** As much as a real agent keeps for who comes back. */
const KEPT_BYTES = 256 * 1024;

const ENTER = "\r";
const CTRL_C = "\x03";
const CTRL_D = "\x04";
const BACKSPACE = "\x7f";

export interface Terminal {
  readonly vpsId: string;
  /** False once the shell has ended. */
  readonly open: boolean;
  write(data: string): void;
  end(exitCode: number | null): void;
  output(afterSeq: number, signal: AbortSignal): AsyncIterable<TerminalOutput>;
}

/** Who reads is woken at every change and looks for itself: a slow reader costs no queue of its own. */
function createOutput() {
  const kept: TerminalOutput[] = [];
  let keptBytes = 0;
  let seq = 0;
  const waiting = new Set<() => void>();

  const wakeAll = () => {
    for (const wake of waiting) wake();
    waiting.clear();
  };
  const push = (output: TerminalOutput, bytes: number) => {
    kept.push(output);
    keptBytes += bytes;
    while (keptBytes > KEPT_BYTES && kept.length > 1) {
      const oldest = kept.shift();
      if (oldest?.type === "data") keptBytes -= oldest.data.length;
    }
    wakeAll();
  };

  async function* follow(afterSeq: number, signal: AbortSignal): AsyncGenerator<TerminalOutput> {
    let seen = afterSeq;
    signal.addEventListener("abort", wakeAll, { once: true });
    while (!signal.aborted) {
      const next = kept.find((output) => output.seq > seen);
      if (next === undefined) {
        await new Promise<void>((resolve) => waiting.add(resolve));
        continue;
      }
      seen = next.seq;
      yield next;
      if (next.type === "exit") return;
    }
  }

  return {
    data: (text: string) => {
      if (text === "") return;
      const data = Buffer.from(text, "utf8").toString("base64");
      seq += 1;
      push({ type: "data", seq, data }, data.length);
    },
    exit: (exitCode: number | null) => {
      seq += 1;
      push({ type: "exit", seq, exitCode }, 0);
    },
    follow,
  };
}

export function createTerminal(plan: VpsPlan): Terminal {
  const output = createOutput();
  const prompt = `root@${plan.hostname}:~# `;
  let line = "";
  let open = true;

  function end(exitCode: number | null): void {
    if (!open) return;
    open = false;
    output.exit(exitCode);
  }

  function enter(): void {
    output.data("\r\n");
    const typed = line.trim();
    line = "";
    const asked = /^exit(?:\s+(\d{1,3}))?$/.exec(typed);
    if (asked !== null) {
      end(Number(asked[1] ?? 0));
      return;
    }
    const { stdout, stderr } = runLine(typed, plan);
    output.data(`${stdout}${stderr}`.replaceAll("\n", "\r\n"));
    output.data(prompt);
  }

  const KEYS: Record<string, () => void> = {
    [ENTER]: enter,
    [CTRL_D]: () => {
      if (line === "") end(0);
    },
    [CTRL_C]: () => {
      line = "";
      output.data(`^C\r\n${prompt}`);
    },
    [BACKSPACE]: () => {
      if (line === "") return;
      line = line.slice(0, -1);
      output.data("\b \b");
    },
  };

  output.data(`This VPS is simulated; \`help\` says what it knows.\r\n${prompt}`);
  return {
    vpsId: plan.vpsId,
    get open() {
      return open;
    },
    write: (data) => {
      for (const key of data) {
        if (!open) return;
        const special = KEYS[key];
        if (special !== undefined) special();
        else {
          line += key;
          output.data(key);
        }
      }
    },
    end,
    output: output.follow,
  };
}
