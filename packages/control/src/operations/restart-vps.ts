/** Stops a VPS and starts it again. It ran, so taking a stop back is starting it: what fails on the way leaves it running. */
import { operation, step } from "./operation.ts";
import { type PlacedInput, placedInputSchema } from "./placed.ts";
import { start, stopStep } from "./power.ts";

export const restartVps = operation<PlacedInput>({
  kind: "vps.restart",
  input: placedInputSchema,
  stuckAdvice: "It is stopped, or half so: retry or start it once the reason is gone.",
  steps: [stopStep, step("start", { title: "Start it", do: start })],
});
