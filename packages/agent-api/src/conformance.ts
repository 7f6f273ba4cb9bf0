/**
 * The exam that every agent must pass, the real one over runc and the simulated one alike: what `agent.ts` promises,
 * question by question. It knows no test runner; a test file holds the questions one after another:
 *
 *     test.each(CONFORMANCE)("$name", ({ ask }) => ask(examinee));
 */
import type { Question } from "./conformance/examinee.ts";
import { INSIDE } from "./conformance/inside.ts";
import { LIFECYCLE } from "./conformance/lifecycle.ts";
import { LIMITS_QUESTIONS } from "./conformance/limits.ts";
import { MEMORY } from "./conformance/memory.ts";
import { NODE } from "./conformance/node.ts";

export const CONFORMANCE: readonly Question[] = [...NODE, ...LIFECYCLE, ...MEMORY, ...INSIDE, ...LIMITS_QUESTIONS];
