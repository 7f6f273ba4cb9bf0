/** Short commands of the supervisor, by argument vector. The failure carries what the command said. */
import { execFile } from "node:child_process";
import { Refusal } from "./refusal.ts";

export interface Executed {
  code: number;
  stdout: string;
  stderr: string;
}

export interface ExecuteOptions {
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  timeoutMs?: number;
}

export function execute(argv: readonly [string, ...string[]], options: ExecuteOptions = {}): Promise<Executed> {
  const [program, ...args] = argv;
  const { timeoutMs = 60_000, ...rest } = options;
  return new Promise((resolve) => {
    execFile(program, args, { ...rest, timeout: timeoutMs, maxBuffer: 16 * 1024 ** 2 }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === "number" ? error.code : 127;
      resolve({ code, stdout, stderr: stderr || (error?.message ?? "") });
    });
  });
}

/** @returns stdout */
export async function mustExecute(
  sentence: string,
  argv: readonly [string, ...string[]],
  options: ExecuteOptions = {},
): Promise<string> {
  const { code, stdout, stderr } = await execute(argv, options);
  if (code === 0) return stdout;
  const said = stderr.trim().split("\n").slice(-8).join("\n    ");
  throw new Refusal(`${sentence}\n    ${said || `(exit code ${code}, nothing said)`}`, code === 2 ? 2 : 1);
}
