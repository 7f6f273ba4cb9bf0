/**
 * Renames a VPS, running or stopped: in the fleet, and as its own host name. The new name has been taken in the
 * transaction that wrote the job down; the old one stays taken until the job has ended, so it can be given back.
 */
import { operation } from "./operation.ts";
import { applyStep, reserveStep, type SpecChange, specChangeSchema } from "./spec-change.ts";

export const renameVpsInputSchema = specChangeSchema;

export const renameVps = operation<SpecChange>({
  kind: "vps.rename",
  input: renameVpsInputSchema,
  stuckAdvice: "Retry once its node answers: until then it is not known which of the two names it has there.",
  steps: [reserveStep("Take the new name"), applyStep("Give it to the VPS", { commits: true })],
});
