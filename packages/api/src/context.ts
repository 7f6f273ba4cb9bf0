/** What a procedure is given. */

import type { Fleet } from "@muster/control/fleet";
import type { Accounts, Session } from "./accounts.ts";

export interface Context {
  requestId: string;
  fleet: Fleet;
  accounts: Accounts;
  /** Aborted when the server stops; a stream ends at the latest then. */
  closed: AbortSignal;
  /** Who calls: asked once per HTTP request, however many procedures its batch holds. Null for nobody. */
  session(): Promise<Session | null>;
  /** The same, asked anew; throws only when it cannot be known (database_unavailable). */
  askSession(): Promise<Session | null>;
}

export function sessionOf(ask: () => Promise<Session | null>): Pick<Context, "session" | "askSession"> {
  let asked: Promise<Session | null> | undefined;
  const session = () => {
    asked ??= ask();
    return asked;
  };
  return { session, askSession: ask };
}
