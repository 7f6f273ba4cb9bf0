/**
 * The checks of `pnpm check`, read from package.json so that the two never drift apart. Its unit tests are left out: they are
 * a tier of their own here, counted one by one and not answered from turbo's cache.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

const manifestSchema = z.object({ scripts: z.object({ check: z.string() }) });

export type StaticCheck = readonly [string, ...string[]];

export function staticChecksIn(script: string): StaticCheck[] {
  return script.split("&&").map((part): StaticCheck => {
    const [program = "", ...args] = part.trim().split(/\s+/);
    return [program, ...args.filter((word) => word !== "test:unit")];
  });
}

export function staticChecks(checkout: string): StaticCheck[] {
  const manifest = manifestSchema.parse(JSON.parse(readFileSync(join(checkout, "package.json"), "utf8")));
  return staticChecksIn(manifest.scripts.check);
}
