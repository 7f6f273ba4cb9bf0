/** `node first-run.ts`: prints a new first-run token in place of the last; nothing when there is an administrator. */
import { systemClock } from "@muster/control/clock";
import { databaseAccess } from "@muster/control/database-access";
import { createTokenStore } from "@muster/control/tokens/store";
import { createFirstRun } from "@muster/control/tokens/tokens";
import { openDatabase } from "@muster/db/client";
import { readEnvironment } from "./env.ts";
import { runCommand } from "./exit.ts";

await runCommand(async () => {
  const database = openDatabase(readEnvironment(process.env).databaseUrl);
  try {
    const token = await createFirstRun(createTokenStore(databaseAccess(database), systemClock)).issueToken();
    if (token !== null) process.stdout.write(`${token}\n`);
  } finally {
    await database.close();
  }
});
