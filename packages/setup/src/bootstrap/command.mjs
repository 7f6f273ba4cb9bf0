// @ts-check
/** Runs other programs by argument vector, never through a shell. Long output goes to a log file, its end into the failure. */
import { spawn } from "node:child_process";
import { appendFileSync, mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { SetupFailure } from "./say.mjs";

const TAIL_BYTES = 64 * 1024;
const TAIL_LINES = 15;

/**
 * Groups of what runs now.
 * @type {Set<number>}
 */
const running = new Set();

/** A stop in mid-set-up ends what it started, down to the last compiler: npm and its shells pass no signal on. */
export function endCommandsOnStop() {
  const stop = () => {
    for (const group of running) endGroup(group);
    process.exit(130);
  };
  for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"])) process.once(signal, stop);
  return () => {
    for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"])) process.off(signal, stop);
  };
}

/** @param {number} group */
function endGroup(group) {
  try {
    process.kill(-group, "SIGTERM");
  } catch {
    // it has just ended
  }
}

/**
 * @typedef {object} CommandOptions
 * @property {string} [cwd]
 * @property {NodeJS.ProcessEnv} [env]
 * @property {string} [log] file that receives all output
 */

/**
 * @param {string} program
 * @param {string[]} args
 * @param {CommandOptions} [options]
 * @returns {Promise<{ code: number, output: string, stdout: string }>} code 127 when the program does not exist; output is the end of both streams
 */
export function attempt(program, args, options = {}) {
  return new Promise((resolve) => {
    let output = "";
    let stdout = "";
    if (options.log) mkdirSync(dirname(options.log), { recursive: true });
    const child = spawn(program, args, {
      cwd: options.cwd,
      env: options.env ?? process.env,
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    const { pid } = child;
    if (pid !== undefined) running.add(pid);
    /** @param {Buffer} chunk */
    const keep = (chunk) => {
      const text = chunk.toString();
      output = (output + text).slice(-TAIL_BYTES);
      if (options.log) appendFileSync(options.log, text);
    };
    child.stdout.on("data", (chunk) => {
      stdout = (stdout + chunk.toString()).slice(-TAIL_BYTES);
      keep(chunk);
    });
    child.stderr.on("data", keep);
    child.on("error", (error) => resolve({ code: 127, output: `${error.message}\n`, stdout }));
    child.on("close", (code, signal) => {
      if (pid !== undefined) running.delete(pid);
      resolve({ code: code ?? (signal ? 128 : 1), output, stdout });
    });
  });
}

/**
 * As `attempt`, but anything but 0 ends the set-up.
 * @param {string} failure the sentence for the person: what went wrong and what to do
 * @param {[program: string, args: string[]]} command
 * @param {CommandOptions} [options]
 */
export async function must(failure, [program, args], options = {}) {
  const result = await attempt(program, args, options);
  if (result.code === 0) return result;
  const tail = result.output.trimEnd().split("\n").slice(-TAIL_LINES);
  const where = options.log ? `\nAll of its output: ${options.log}` : "";
  throw new SetupFailure(`${failure}\n${tail.map((line) => `    ${line}`).join("\n")}${where}`);
}
