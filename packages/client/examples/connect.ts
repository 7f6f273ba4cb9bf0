/** What every script begins with: where Muster is and whose key it uses, from the environment. */
import { createClient, type MusterClient } from "../src/client.ts";

export function connect(): MusterClient {
  const { MUSTER_URL: url, MUSTER_API_KEY: apiKey } = process.env;
  if (url === undefined || apiKey === undefined) {
    console.error(
      "Set MUSTER_URL (such as http://127.0.0.1:8080) and MUSTER_API_KEY (made in the console under Account).",
    );
    process.exit(2);
  }
  return createClient({ url, apiKey });
}
