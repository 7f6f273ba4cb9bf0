/** How steadily a VPS answers: a client in a process of its own, and the longest time in which it heard nothing. */
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { run, startPiped } from "../engine/exec.ts";

const CLIENT = fileURLToPath(new URL("./steady-client.ts", import.meta.url));
/** What the guest runs for the connection that stays open: an answer to each empty line, with no process of its own. */
export const KEPT_PORT = 7000;
export const KEPT_SERVER = `#!/bin/sh
end=$(printf '\\r')
while read -r line; do
  [ "$line" = "$end" ] && printf 'HTTP/1.1 200 OK\\r\\nContent-Length: 6\\r\\n\\r\\nsteady'
done
`;

const visitorSchema = z.object({ answers: z.number(), failures: z.number(), longestGapMs: z.number() });
const lapSchema = z.object({ kept: visitorSchema, fresh: visitorSchema });
export type Lap = z.infer<typeof lapSchema>;

export interface SteadyClient {
  /** What happened since the last call. */
  lap(): Promise<Lap>;
  end(): void;
}

export async function startSteadyClient(address: string): Promise<SteadyClient> {
  const ending = new AbortController();
  const child = startPiped(await soonest([process.execPath, CLIENT, address, String(KEPT_PORT)]), ending.signal);
  child.on("error", () => undefined); // what ending it by its signal is called
  child.stdin.on("error", () => undefined);
  const lines = createInterface({ input: child.stdout });
  const lap = async (): Promise<Lap> => {
    child.stdin.write("\n");
    const [line] = await once(lines, "line", { signal: AbortSignal.timeout(10_000) });
    return lapSchema.parse(JSON.parse(String(line)));
  };
  for (let laps = 0; ; laps += 1) {
    const { kept, fresh } = await lap();
    if (kept.answers > 0 && fresh.answers > 0) break;
    if (laps > 10_000) throw new Error(`the VPS at ${address} does not answer`);
  }
  await lap();
  return { lap, end: () => ending.abort() };
}

/**
 * Before all else that this machine has to do, where that can be had: a client that waits for a CPU sees gaps that
 * nobody made (up to 82 ms at a load of 13 on two cores, 24 ms as a real-time process).
 */
async function soonest(argv: readonly [string, ...string[]]): Promise<{ program: string; args: readonly string[] }> {
  const realTime = ["--fifo", "1"];
  const tried = await run({ program: "chrt", args: [...realTime, "true"], timeoutMs: 5000 });
  const [program, ...args] = argv;
  return tried.exitCode === 0 ? { program: "chrt", args: [...realTime, ...argv] } : { program, args };
}
