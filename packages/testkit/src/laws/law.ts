/**
 * A law is a rule of the house that a machine can judge: `judge` is given the whole repository and names every
 * breach of it. Each law brings a small house that breaks it and one that does not, so that a law which has
 * stopped biting is found out (laws.test.ts).
 *
 * A law that is broken is not silenced: the code is changed, or the law is, in its own file and with its reason.
 */
import type { Repository } from "./repository.ts";

export interface Breach {
  path: string;
  line: number;
  says: string;
}

/** Path -> content: a house small enough to stand in a test. */
export type Houses = Readonly<Record<string, string>>;

export interface Law {
  name: string;
  /** Why it is a law: it is printed with every breach. */
  reason: string;
  judge(repository: Repository): Breach[];
  /** Each breaks the law, once. */
  broken: readonly Houses[];
  kept: readonly Houses[];
}
