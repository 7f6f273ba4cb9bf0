// @ts-check
/** `npm test`: the same set-up and the packages of the tests, then every tier (run-tests.ts). */
import { handOver } from "./bootstrap/hand-over.mjs";
import { prepare } from "./bootstrap/prepare.mjs";
import { sayFailure } from "./bootstrap/say.mjs";

try {
  await prepare({ packages: ["node", "build", "tests"] });
  process.exit(await handOver("run-tests.ts"));
} catch (error) {
  process.exit(sayFailure(error));
}
