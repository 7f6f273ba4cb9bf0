// @ts-check
/** The set-up alone, for a machine that shall only be a node: everything in place, nothing started. */
import { prepare } from "./bootstrap/prepare.mjs";
import { sayFailure } from "./bootstrap/say.mjs";

try {
  await prepare({ packages: ["node", "build"] });
} catch (error) {
  process.exit(sayFailure(error));
}
