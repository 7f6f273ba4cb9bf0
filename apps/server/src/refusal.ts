/** What Fastify itself refuses, in our words: not JSON, too long, too slow. It says so with a status below 500. */
import { MusterError } from "@muster/model/errors";
import { z } from "zod";

const refusalSchema = z.object({ statusCode: z.number().int().min(400).max(499) });

export function refusedByFastify(error: unknown): unknown {
  if (error instanceof MusterError || !refusalSchema.safeParse(error).success) return error;
  return new MusterError("invalid_input", "The request could not be understood.", { cause: error });
}
