/** `node enrol-token.ts [count]`: prints enrolment tokens, one a line, for agents that are set up by hand or by the set-up. */
import { systemClock } from "@muster/control/clock";
import { databaseAccess } from "@muster/control/database-access";
import { createTokenStore } from "@muster/control/tokens/store";
import { issueEnrolmentToken } from "@muster/control/tokens/tokens";
import { openDatabase } from "@muster/db/client";
import { openAuthority } from "./authority.ts";
import { readEnvironment } from "./env.ts";
import { runCommand } from "./exit.ts";

const COUNT_MAX = 1000;

await runCommand(async () => {
  const [argument = "1"] = process.argv.slice(2);
  const count = Number(argument);
  if (!Number.isInteger(count) || count < 1 || count > COUNT_MAX) {
    throw new Error(`The number of tokens must be from 1 to ${COUNT_MAX}, not ${JSON.stringify(argument)}.`);
  }
  const environment = readEnvironment(process.env);
  const authority = await openAuthority(environment.dataDirectory);
  const database = openDatabase(environment.databaseUrl);
  try {
    const tokens = createTokenStore(databaseAccess(database), systemClock);
    for (let made = 0; made < count; made += 1) {
      const { token } = await issueEnrolmentToken({ tokens, clock: systemClock, caPem: authority.caPem }, "operator");
      process.stdout.write(`${token}\n`);
    }
  } finally {
    await database.close();
  }
});
