/** The input of every operation on a VPS that exists. */
import { nodeIdSchema, vpsIdSchema } from "@muster/model/ids";
import { z } from "zod";

export const placedInputSchema = z.object({
  vpsId: vpsIdSchema,
  nodeId: nodeIdSchema,
  epoch: z.number().int().positive(),
});
export type PlacedInput = z.infer<typeof placedInputSchema>;

/** How long a guest may take to stop in order: systemd's own units get 90 s, but few services need even ten. */
export const STOP_GRACE_MS = 20_000;
