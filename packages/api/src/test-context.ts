/** What the tests of the procedures are given in place of a server. */
import type { Fleet } from "@muster/control/fleet";
import type { Session } from "./accounts.ts";
import type { Context } from "./context.ts";

export const ADMINISTRATOR: Session = {
  userId: "u1",
  name: "Ada",
  email: "ada@example.org",
  role: "administrator",
  via: "session",
};

type Nouns = { [Noun in keyof Fleet]?: Partial<Fleet[Noun]> };

/** Answers what is given and throws at everything else, by name. */
export function fleetThatAnswers(nouns: Nouns): Fleet {
  const refusing = (path: string, known: object): Fleet =>
    // biome-ignore lint/suspicious/noExplicitAny: a proxy stands in for an interface, which TypeScript cannot follow
    new Proxy<any>(known, {
      get: (target, name) => {
        if (name in target) return target[name];
        throw new Error(`the test did not expect ${path}${String(name)} to be asked`);
      },
    });
  const withNouns = Object.entries(nouns).map(([noun, known]) => [noun, refusing(`${noun}.`, known)]);
  return refusing("", Object.fromEntries(withNouns));
}

export function contextOf(parts: {
  signedIn?: boolean;
  session?: Context["session"];
  fleet?: Fleet;
  accounts?: Context["accounts"];
}): Context {
  const session = parts.session ?? (async () => (parts.signedIn === true ? ADMINISTRATOR : null));
  const accounts = parts.accounts ?? {
    sessionOf: session,
    setupNeeded: async () => false,
    completeSetup: async () => {},
    listApiKeys: async () => [],
    createApiKey: async () => ({ id: "k1", key: "muster_test" }),
    revokeApiKey: async () => {},
  };
  return {
    requestId: "request-1",
    fleet: parts.fleet ?? fleetThatAnswers({}),
    accounts,
    closed: new AbortController().signal,
    session,
    askSession: session,
  };
}
