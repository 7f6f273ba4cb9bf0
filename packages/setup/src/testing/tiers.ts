/** Which package has tests of which tier, read from the file names (packages/config/src/vitest.ts says what they mean). */
import { globSync, readdirSync } from "node:fs";
import { join } from "node:path";

export const TIERS = ["unit", "db", "fleet", "real"] as const;
export type Tier = (typeof TIERS)[number];

export function tierOf(fileName: string): Tier | null {
  const [, tier] = /\.(db|fleet|real)\.test\.tsx?$/.exec(fileName) ?? [];
  if (tier === "db" || tier === "fleet" || tier === "real") return tier;
  return /\.test\.tsx?$/.test(fileName) ? "unit" : null;
}

export function packageFolders(checkout: string): string[] {
  const below = (parent: string) => readdirSync(join(checkout, parent)).map((name) => `${parent}/${name}`);
  return [...below("packages"), "prisma", ...below("apps")];
}

/** Folders of the packages that have a test of that tier. */
export function foldersWith(tier: Tier, checkout: string): string[] {
  return packageFolders(checkout).filter((folder) => {
    const files = globSync("{src/**/*,*}.test.{ts,tsx}", { cwd: join(checkout, folder) });
    return files.some((file) => tierOf(file) === tier);
  });
}
