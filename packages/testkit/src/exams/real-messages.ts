/** What an exam and the real agent in its process of its own say to each other. */
import { z } from "zod";

export const toAgentSchema = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("serve"),
    /** The node's directory, and the process that it is named after (node-agent's trial-node.ts). */
    directory: z.string(),
    owner: z.number().int(),
    port: z.number().int(),
    nodeId: z.string(),
    credentials: z.object({ caPem: z.string(), certificatePem: z.string(), keyPem: z.string() }),
  }),
  z.object({ type: z.literal("strike"), key: z.string(), when: z.enum(["asked", "amid", "worked"]) }),
]);
export type ToAgent = z.infer<typeof toAgentSchema>;

export const fromAgentSchema = z.object({ type: z.enum(["serving", "armed"]) });
export type FromAgent = z.infer<typeof fromAgentSchema>;
