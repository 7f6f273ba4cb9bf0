// @ts-check
/**
 * The set-up starts on the Node that machines have; the product, its tools and its tests run on Node 24, which comes as
 * the npm package `node` with the dependencies. Node 20 is past its end of life and nothing of the product runs on it.
 */
import { SetupFailure } from "./say.mjs";

const OLDEST = [20, 19];

/**
 * @param {string} version as process.versions.node has it
 * @returns {boolean}
 */
export function isNewEnough(version) {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [oldestMajor = 0, oldestMinor = 0] = OLDEST;
  return major > oldestMajor || (major === oldestMajor && minor >= oldestMinor);
}

export function requireNode() {
  if (isNewEnough(process.versions.node)) return;
  throw new SetupFailure(
    `Node ${process.versions.node} is too old: the set-up needs ${OLDEST.join(".")} or newer. Install one from https://nodejs.org and run it again.`,
  );
}
