import { readFileSync } from "node:fs";
import { z } from "zod";

const manifestSchema = z.object({ config: z.record(z.string(), z.unknown()) });

/** The configuration that `next build` wrote. @throws a sentence when the console has not been built. */
export function builtConfig(manifestPath: string): Record<string, unknown> {
  try {
    return manifestSchema.parse(JSON.parse(readFileSync(manifestPath, "utf8"))).config;
  } catch (error) {
    throw new Error("The console is not built: run `pnpm --filter @muster/console build`", { cause: error });
  }
}
