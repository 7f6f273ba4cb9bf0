/** The native helper (native/*.c): what it is asked, and what its errno means to the one who asked the agent. */
import { fileURLToPath } from "node:url";
import { type ErrorCode, MusterError } from "@muster/model/errors";
import { z } from "zod";
import { run } from "./exec.ts";

/** Built by native/build.sh. Also the path that an OCI hook in a bundle names. */
export const NATIVE_PATH = fileURLToPath(new URL("../../native/build/muster-native", import.meta.url));

const TIMEOUT_MS = 15_000;
const failureSchema = z.object({ what: z.string(), errno: z.string() });

/** Both mean no space to the pool: btrfs says EDQUOT where a quota group above is full. */
const CODES: Partial<Record<string, ErrorCode>> = { ENOSPC: "pool_full", EDQUOT: "pool_full" };

/** One process for several commands: native(["area-create", ...], ["root-mount", ...]). */
export async function native(...commands: readonly (readonly string[])[]): Promise<string> {
  const args = commands.flatMap((command, index) => (index === 0 ? command : ["+", ...command]));
  const outcome = await run({ program: NATIVE_PATH, args, timeoutMs: TIMEOUT_MS });
  if (outcome.exitCode === 0) return outcome.stdout;
  throw failureOf(args, outcome.stderr);
}

function failureOf(args: readonly string[], stderr: string): MusterError {
  const cause = new Error(`muster-native ${args.join(" ")}: ${stderr.trim()}`);
  const parsed = failureSchema.safeParse(parseJson(stderr));
  if (!parsed.success) return new MusterError("engine_failed", "The node's native helper failed.", { cause });
  const { what, errno } = parsed.data;
  return new MusterError(CODES[errno] ?? "engine_failed", `The node could not ${what} (${errno}).`, { cause });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (_notJson) {
    return undefined;
  }
}
