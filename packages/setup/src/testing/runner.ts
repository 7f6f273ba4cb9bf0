/** Runs one test program to its end, within a time, its output in a log. Its group is ended with it: no watcher stays. */
import { spawn } from "node:child_process";
import { createWriteStream, mkdirSync } from "node:fs";
import { dirname } from "node:path";

export interface TestCommand {
  argv: readonly [string, ...string[]];
  cwd: string;
  env: Record<string, string>;
  log: string;
  timeoutMs: number;
}

function endGroup(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // the whole group has ended
  }
}

/** @returns the exit code; null when it had to be ended */
export function runToEnd({ argv, cwd, env, log, timeoutMs }: TestCommand): Promise<number | null> {
  const [program, ...args] = argv;
  mkdirSync(dirname(log), { recursive: true });
  const output = createWriteStream(log);
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    const { pid } = child;
    const end = () => {
      if (pid !== undefined) endGroup(pid);
    };
    const late = setTimeout(end, timeoutMs);
    process.once("exit", end); // Ctrl-C on the whole run
    child.stdout.pipe(output, { end: false });
    child.stderr.pipe(output, { end: false });
    child.once("error", (error) => output.write(`${error.message}\n`));
    child.once("close", (code) => {
      clearTimeout(late);
      process.off("exit", end);
      end();
      output.end(() => resolve(code));
    });
  });
}
