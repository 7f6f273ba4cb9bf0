/** `schema-engine cli <command>`: what the CLI asks before it migrates, whether the database is there and to make it. */
import pg from "pg";
import { log } from "./engine-log.mjs";

const COMMANDS = {
  "can-connect-to-database": (url) => query(url),
  "create-database": (url) => query(maintenanceUrl(url), `CREATE DATABASE ${pg.escapeIdentifier(databaseName(url))}`),
  "drop-database": (url) => query(maintenanceUrl(url), `DROP DATABASE ${pg.escapeIdentifier(databaseName(url))}`),
};

/** SQLSTATE -> the code that the CLI knows what to do about; anything else is P1001, "cannot reach". */
const PRISMA_CODES = { "3D000": "P1003", "28P01": "P1000" };

export async function runDatabaseCommand(command, url) {
  log("INFO", { message: command }, "schema_engine");
  try {
    await COMMANDS[command]?.(url);
    return 0;
  } catch (error) {
    const code = PRISMA_CODES[error.code] ?? "P1001";
    const message =
      code === "P1003"
        ? `Database \`${databaseName(url)}\` does not exist`
        : `Can't reach database server at \`${new URL(url).host}\`: ${error.message}`;
    log("ERROR", { error_code: code, message });
    return 1;
  }
}

async function query(url, sql) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    if (sql !== undefined) await client.query(sql);
  } finally {
    await client.end();
  }
}

function databaseName(url) {
  return decodeURIComponent(new URL(url).pathname.slice(1));
}

function maintenanceUrl(url) {
  const maintenance = new URL(url);
  maintenance.pathname = "/postgres";
  return maintenance.href;
}
