/** The migrations that this version of the code knows, as they lie in the folder beside this file. */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";

const FOLDER = new URL("./migrations/", import.meta.url);

export interface Migration {
  /** "20261122160000_fleet": they are applied in the order of their names. */
  name: string;
  sql: string;
  /** SHA-256 of the script, lower-case hex, as Prisma's own engine records it. */
  checksum: string;
}

export function knownMigrations(): Migration[] {
  return readdirSync(FOLDER, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort()
    .map((name) => {
      const sql = readFileSync(new URL(`${name}/migration.sql`, FOLDER), "utf8");
      return { name, sql, checksum: createHash("sha256").update(sql).digest("hex") };
    });
}
