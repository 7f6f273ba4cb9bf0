/** Templates are brought to a node as archives in its import directory; the checksum says that it is the right one. */
import { jobIdSchema, nodeIdSchema } from "@muster/model/ids";
import { guestInitSchema } from "@muster/model/node";
import { templateNameSchema } from "@muster/model/vps";
import { z } from "zod";
import { textSchema } from "./text.ts";
import { procedure, router } from "./trpc.ts";

const importSchema = z.object({
  nodeId: nodeIdSchema,
  name: templateNameSchema,
  description: textSchema(200),
  init: guestInitSchema,
  fileName: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/, "must be a plain file name"),
  sha256: z.string().regex(/^[0-9a-f]{64}$/, "must be 64 hexadecimal digits"),
});

export const templatesRouter = router({
  import: procedure
    .input(importSchema)
    .output(z.object({ jobId: jobIdSchema }))
    .mutation(({ ctx, input }) => ctx.fleet.templates.import({ ...input, actor: ctx.caller.email })),
});
