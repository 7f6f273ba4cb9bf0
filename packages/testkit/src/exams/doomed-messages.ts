/** What the third exam and its doomed server say to each other. */
import { jobKindSchema } from "@muster/model/job";
import { z } from "zod";
import { subjectSchema } from "./subject.ts";

const index = z.number().int();

const taskSchema = z.object({
  index,
  subject: subjectSchema,
  point: z.object({
    kind: jobKindSchema,
    step: z.string(),
    direction: z.enum(["do", "undo"]),
    moment: z.enum(["before", "done", "recorded"]),
  }),
});
export type Task = z.infer<typeof taskSchema>;

export const toServerSchema = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("serve"),
    databaseUrl: z.string(),
    serverId: z.string(),
    credentials: z.object({ caPem: z.string(), certificatePem: z.string(), keyPem: z.string() }),
    tasks: z.array(taskSchema),
  }),
  z.object({ type: z.literal("signed"), index, certificatePem: z.string() }),
]);
export type ToServer = z.infer<typeof toServerSchema>;

export const fromServerSchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("sign"), index, nodeId: z.string() }),
  z.object({ type: z.literal("asked"), index, jobId: z.string() }),
  z.object({ type: z.literal("arrived"), index }),
  z.object({ type: z.literal("refused"), index, reason: z.string() }),
]);
export type FromServer = z.infer<typeof fromServerSchema>;
