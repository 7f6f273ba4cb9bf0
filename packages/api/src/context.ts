/** What a procedure is given. The session is looked up once per HTTP request and never kept beyond it. */

import type { Fleet } from "@muster/control/fleet";
import type { Accounts, Session } from "./accounts.ts";

export interface Context {
  requestId: string;
  fleet: Fleet;
  accounts: Accounts;
  /** Aborted when the server stops; a stream ends at the latest then. */
  closed: AbortSignal;
  /** Null for nobody. Throws only when it cannot be known (database_unavailable). */
  session(): Promise<Session | null>;
}

/** One look-up per request, however many procedures its batch holds; the next request asks anew. */
export function askOnce(ask: () => Promise<Session | null>): () => Promise<Session | null> {
  let asked: Promise<Session | null> | undefined;
  return () => {
    asked ??= ask();
    return asked;
  };
}
