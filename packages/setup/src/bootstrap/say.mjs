// @ts-check
/**
 * What the set-up says. A step that had nothing to do says nothing: the second start prints one line.
 * A failure is one sentence of what went wrong and one of what to do; the long output is in a file.
 */

/** A failure the person at the terminal can do something about. Anything else that is thrown is a bug and shows its stack. */
export class SetupFailure extends Error {
  /**
   * @param {string} message what went wrong and what to do about it
   * @param {{ cause?: unknown, exitCode?: number }} [options]
   */
  constructor(message, options = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "SetupFailure";
    /** 2 for nonsense in the environment or arguments, 1 for everything else. */
    this.exitCode = options.exitCode ?? 1;
  }
}

/** @param {string} line */
export function say(line) {
  process.stdout.write(`${line}\n`);
}

/**
 * Announces a piece of work and how long it took.
 * @template T
 * @param {string} title
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function step(title, work) {
  const startedAt = performance.now();
  say(`  ${title} ...`);
  const result = await work();
  say(`  ${title}: done in ${seconds(performance.now() - startedAt)}`);
  return result;
}

/** @param {number} ms */
export function seconds(ms) {
  return `${(ms / 1000).toFixed(ms < 10_000 ? 1 : 0)} s`;
}

/**
 * Prints whatever ended the set-up and gives the exit code for it.
 * @param {unknown} error
 * @returns {number}
 */
export function sayFailure(error) {
  if (error instanceof SetupFailure) {
    process.stderr.write(`\nmuster: ${error.message}\n`);
    return error.exitCode;
  }
  process.stderr.write(`\nmuster: something unexpected went wrong in the set-up.\n`);
  console.error(error);
  return 1;
}
