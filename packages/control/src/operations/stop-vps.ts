/**
 * Stops a VPS in order, and by force when it takes longer than its grace. A guest that was asked to stop cannot be
 * unasked, so taking a stop back is starting it: what fails or is cancelled on the way leaves it running.
 */
import { operation } from "./operation.ts";
import { type PlacedInput, placedInputSchema } from "./placed.ts";
import { stopStep } from "./power.ts";

export const stopVps = operation<PlacedInput>({
  kind: "vps.stop",
  input: placedInputSchema,
  stuckAdvice: "It is stopped, or half so: retry or start it once the reason is gone.",
  steps: [stopStep],
});
