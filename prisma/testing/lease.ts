/** The tests' PostgreSQL: the one that the run was given, or else a lease on the keeper's (keeper.ts). */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createConnection } from "node:net";
import { fileURLToPath } from "node:url";

/** Abstract (man 7 unix): it has no file, and is gone with the keeper. One per user. */
export const KEEPER_SOCKET = `\0muster-test-postgres-${process.getuid?.() ?? 0}`;

const ATTEMPTS = 50;
const PAUSE_MS = 200;

async function askKeeper(): Promise<string | null> {
  const lease = createConnection({ path: KEEPER_SOCKET });
  try {
    await once(lease, "connect");
    const [line] = await once(lease.setEncoding("utf8"), "data");
    lease.unref(); // held until this process ends, without keeping it alive
    return String(line).trim();
  } catch {
    lease.destroy();
    return null; // no keeper yet
  }
}

async function leasedUrl(): Promise<string> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const url = await askKeeper();
    if (url !== null) return url;
    if (attempt === 0) {
      const keeper = fileURLToPath(new URL("./keeper.ts", import.meta.url));
      spawn(process.execPath, [keeper], { detached: true, stdio: "ignore" }).unref();
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
  throw new Error("No PostgreSQL for the tests: set MUSTER_TEST_DATABASE_URL to the URL of a superuser.");
}

let leased: Promise<string> | null = null;

/** URL of a superuser at the maintenance database. */
export function testServerUrl(): Promise<string> {
  const given = process.env["MUSTER_TEST_DATABASE_URL"];
  if (given !== undefined && given !== "") return Promise.resolve(given);
  leased ??= leasedUrl();
  return leased;
}
