#!/usr/bin/env node
/**
 * Stands in for Prisma's native `schema-engine`, which is a download from a host that many networks do not let
 * one reach; every command of the CLI fails without it. PRISMA_SCHEMA_ENGINE_BINARY names this file, and the
 * stock CLI (7.10.0) then runs: it speaks the engine's own protocol, line-delimited JSON-RPC on stdio, and
 * answers through @prisma/schema-engine-wasm, which is the same engine, over @prisma/adapter-pg.
 *
 * Plain JavaScript, because it reaches into parts of pg and of the adapter that have no types. Not covered:
 * Windows (a shebang cannot be spawned there), introspectSql (TypedSQL), several schemas in one database.
 */
import { readFileSync } from "node:fs";
import { parseArguments } from "./arguments.mjs";
import { runDatabaseCommand } from "./database-command.mjs";
import { serve } from "./rpc.mjs";

const options = parseArguments(process.argv.slice(2));
if (options.version) {
  const manifest = new URL("./package.json", import.meta.resolve("@prisma/schema-engine-wasm"));
  const { version } = JSON.parse(readFileSync(manifest, "utf8"));
  process.stdout.write(`schema-engine-cli (wasm) ${version}\n`);
} else if (options.databaseCommand === undefined) {
  await serve(options);
} else {
  process.exitCode = await runDatabaseCommand(options.databaseCommand, options.url);
}
