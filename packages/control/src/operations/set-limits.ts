/**
 * Changes limits of a VPS, running or stopped. The new ones have been checked and promised in the transaction that
 * wrote the job down; the node applies all of them or none, in place; then the change is history. A failure leaves
 * spec and node as they were.
 */
import { differingLimits } from "@muster/model/limits/registry";
import { z } from "zod";
import { operation, type StepContext, step } from "./operation.ts";
import { applyStep, reserveStep, specChangeSchema } from "./spec-change.ts";

export const setLimitsInputSchema = specChangeSchema.extend({ until: z.iso.datetime().nullable() });
type Input = z.infer<typeof setLimitsInputSchema>;

export const setLimits = operation<Input>({
  kind: "vps.setLimits",
  input: setLimitsInputSchema,
  stuckAdvice: "Retry once its node answers: until then it is not known which of the two limits hold there.",
  steps: [
    reserveStep("Hold them against what the node may promise"),
    applyStep("Apply them on its node"),
    step("record", { title: "Write them into its history", do: record, undo: strike, commits: true }),
  ],
});

async function record({ limits, input, jobId }: StepContext<Input>): Promise<void> {
  const { vpsId, until } = input;
  const [before, after] = [input.before.limits, input.after.limits];
  await limits.allocations.record({ jobId, vpsId, before, after, until, names: differingLimits(before, after) });
}

async function strike({ limits, jobId }: StepContext<Input>): Promise<void> {
  await limits.allocations.strike(jobId);
}
