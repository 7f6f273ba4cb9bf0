// @ts-check
/**
 * `npm start`: plain JavaScript without a dependency, because on a fresh machine there is none. It sets everything up and
 * hands over to run.ts.
 */
import { handOver } from "./bootstrap/hand-over.mjs";
import { asksForSimulation, prepare } from "./bootstrap/prepare.mjs";
import { sayFailure } from "./bootstrap/say.mjs";

try {
  const simulated = asksForSimulation(process.argv.slice(2), process.env);
  await prepare({ packages: simulated ? [] : ["node", "build"] });
  process.exit(await handOver("run.ts"));
} catch (error) {
  process.exit(sayFailure(error));
}
