/** What a change of limits would mean for its node, before anything is done: the figures beside the form. */
import { z } from "zod";
import { errorViewSchema } from "../errors.ts";
import { nodeIdSchema, vpsIdSchema } from "../ids.ts";
import { sharedResourceSchema } from "./limit.ts";

/** One shared resource of the node; cores or bytes. */
export const headroomSchema = z.object({
  resource: sharedResourceSchema,
  /** What the node has for VPSs. */
  capacity: z.number().nonnegative(),
  /** What its policy lets it promise. */
  promisable: z.number().nonnegative(),
  promisedBefore: z.number().nonnegative(),
  promisedAfter: z.number().nonnegative(),
  /** What its VPSs really use now; null when not known. */
  used: z.number().nonnegative().nullable(),
});
export type Headroom = z.infer<typeof headroomSchema>;

/** A neighbour that would be left with less than it uses now. */
export const pressedSchema = z.object({
  vpsId: vpsIdSchema,
  name: z.string(),
  resource: sharedResourceSchema,
  /** With figures: "It uses 1.2 cores; when all are busy it is left with 0.8 cores." */
  reason: z.string(),
});
export type Pressed = z.infer<typeof pressedSchema>;

/** `refusal`: why it would be refused as things stand. */
export const limitsPreviewSchema = z.object({
  nodes: z.array(
    z.object({
      nodeId: nodeIdSchema,
      nodeName: z.string(),
      headroom: z.array(headroomSchema),
      pressed: z.array(pressedSchema),
    }),
  ),
  vps: z.array(z.object({ vpsId: vpsIdSchema, name: z.string(), refusal: errorViewSchema.nullable() })),
});
export type LimitsPreview = z.infer<typeof limitsPreviewSchema>;
