/** Starts a VPS that is stopped. What fails or is cancelled on the way leaves it stopped. */
import { operation, step } from "./operation.ts";
import { type PlacedInput, placedInputSchema } from "./placed.ts";
import { start, undoStart } from "./power.ts";

export const startVps = operation<PlacedInput>({
  kind: "vps.start",
  input: placedInputSchema,
  stuckAdvice: "It may run all the same: retry, or stop it, once the reason is gone.",
  steps: [step("start", { title: "Start it", do: start, undo: undoStart })],
});
