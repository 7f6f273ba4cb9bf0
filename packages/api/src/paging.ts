/** What the procedures' inputs share. Cursors and event ids are opaque to clients; here only their length is bounded. */
import { z } from "zod";
import { textSchema } from "./text.ts";

export const noInputSchema = z.void();
export const cursorSchema = textSchema(500).optional();
export const limitSchema = z.number().int().min(1).max(500);

/** tRPC puts the id of the last event that a returning subscriber saw into its input. */
export const lastEventIdSchema = z.string().max(100).nullish();
