/** How steadily a VPS answers: a client in a process of its own, and the longest time in which it heard nothing. */
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { startPiped } from "../engine/exec.ts";

/** Built beside the native helper (native/build.sh). */
const CLIENT = fileURLToPath(new URL("../../native/build/steady-client", import.meta.url));
/** What the guest runs for the connection that stays open: an answer to each empty line, with no process of its own. */
export const KEPT_PORT = 7000;
export const KEPT_SERVER = `#!/bin/sh
end=$(printf '\\r')
while read -r line; do
  [ "$line" = "$end" ] && printf 'HTTP/1.1 200 OK\\r\\nContent-Length: 6\\r\\n\\r\\nsteady'
done
`;

const visitorSchema = z.object({
  answers: z.number(),
  failures: z.number(),
  longestGapMs: z.number(),
  /** Without what the hypervisor took from this machine meanwhile. */
  ownGapMs: z.number(),
});
const lapSchema = z.object({ kept: visitorSchema, fresh: visitorSchema });
export type Lap = z.infer<typeof lapSchema>;

export interface SteadyClient {
  /** What happened since the last call. */
  lap(): Promise<Lap>;
  end(): void;
}

export async function startSteadyClient(address: string): Promise<SteadyClient> {
  const ending = new AbortController();
  const child = startPiped({ program: CLIENT, args: [address, String(KEPT_PORT)] }, ending.signal);
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
