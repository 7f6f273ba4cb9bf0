/** For the Prisma CLI only. The product applies migrations with migrate.ts and reads no configuration of Prisma's. */
import { defineConfig } from "prisma/config";

export default defineConfig({
  schema: "schema",
  migrations: { path: "migrations" },
  // Only `prisma migrate` connects; `generate` needs a syntactically right URL and nothing behind it.
  datasource: { url: process.env["DATABASE_URL"] || "postgresql://localhost:5432/muster" },
});
