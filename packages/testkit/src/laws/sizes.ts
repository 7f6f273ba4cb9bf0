/**
 * How long things may be: a file 250 lines, 400 at the very most (a test is a list: only the latter); three parameters;
 * a function 50 lines of its own and, with the functions inside it, 120: a factory that returns an object of small
 * functions reads like a class, and each of them is judged by itself. A component: 120.
 *
 * In the tidiest code bases read for this one, the ninetieth file has about 250 lines and the ninetieth function
 * about 50; and the trouble of each sat in its one or two monsters. So the longest are watched, not the mean.
 */
import { type FunctionFact, functionsOf } from "./functions.ts";
import type { Breach, Houses, Law } from "./law.ts";
import { isTest, type Source } from "./source.ts";

export const FILE_LINES = 250;
export const FILE_LINES_HARD = 400;
const FUNCTION_LINES = 50;
/** Of a component, and of a function with all that is inside it. */
const WHOLE_LINES = 120;
const PARAMETERS = 3;

/**
 * Files between the two limits, with the lines they had when they were let in. A number only goes down: a file that
 * has shrunk must be entered with what it has now, one below the limit must leave. Nobody joins without a reason here.
 */
export const LONG_FILES: Readonly<Record<string, number>> = {};

/** Functions longer than they may be, `path name`, on the same terms. */
export const LONG_FUNCTIONS: Readonly<Record<string, number>> = {};

const lineCount = (source: Source) => (source.lines.at(-1) === "" ? source.lines.length - 1 : source.lines.length);

/** Of something longer than it may be: whether its exception covers it, exactly. */
function excused(lines: number, exception: number | undefined): string | null {
  if (exception === undefined) return "";
  if (lines > exception) return ` (its exception is for ${exception}; exceptions do not grow)`;
  return lines < exception ? ` (it has shrunk from ${exception}: enter ${lines} in laws/sizes.ts)` : null;
}

export function judgeFile(source: Source, exceptions: Readonly<Record<string, number>>): Breach[] {
  const lines = lineCount(source);
  const exception = exceptions[source.path];
  const breach = (says: string) => [{ path: source.path, line: lines, says }];
  if (lines > FILE_LINES_HARD) return breach(`has ${lines} lines; ${FILE_LINES_HARD} is the very most`);
  if (lines <= FILE_LINES || isTest(source.path)) {
    return exception === undefined ? [] : breach(`has ${lines} lines: take it off the exceptions in laws/sizes.ts`);
  }
  const excuse = excused(lines, exception);
  return excuse === null ? [] : breach(`has ${lines} lines, more than ${FILE_LINES}${excuse}`);
}

/** What of a function is too long, if anything. A component is a function with a capital in a .tsx file: JSX is long. */
function excessOf(path: string, { name, lines, ownLines }: FunctionFact): { lines: number; most: number } | null {
  if (lines > WHOLE_LINES) return { lines, most: WHOLE_LINES };
  const component = path.endsWith(".tsx") && /^[A-Z]/.test(name);
  return component || ownLines <= FUNCTION_LINES ? null : { lines: ownLines, most: FUNCTION_LINES };
}

export function judgeFunctions(source: Source, exceptions: Readonly<Record<string, number>>): Breach[] {
  // A test file is one long function by its nature: describe(() => { … }).
  if (isTest(source.path)) return [];
  return functionsOf(source).flatMap((fact) => {
    const { name, line, parameters } = fact;
    const breaches: Breach[] = [];
    const excess = excessOf(source.path, fact);
    const excuse = excess === null ? null : excused(excess.lines, exceptions[`${source.path} ${name}`]);
    if (excess !== null && excuse !== null) {
      const says = `${name} has ${excess.lines} lines, more than ${excess.most}${excuse}`;
      breaches.push({ path: source.path, line, says });
    }
    if (parameters > PARAMETERS) {
      breaches.push({ path: source.path, line, says: `${name} has ${parameters} parameters: give it an object` });
    }
    return breaches;
  });
}

/** For the eye: `laws.test.ts` prints them. */
export function longestFiles(sources: readonly Source[], count: number): { path: string; lines: number }[] {
  const all = sources.map((source) => ({ path: source.path, lines: lineCount(source) }));
  return all.toSorted((one, other) => other.lines - one.lines).slice(0, count);
}

const linesOf = (count: number) => "const x = 1;\n".repeat(count);
const functionOf = (head: string, lines: number): Houses => ({
  "packages/a/src/a.ts": `${head} {\n${linesOf(lines - 2)}}\n`,
});

export const sizesLaw: Law = {
  name: "files and functions are short",
  reason: "what fits on a screen is read whole; split along a noun, not at line 250",
  judge: ({ sources }) =>
    sources.flatMap((source) => [...judgeFile(source, LONG_FILES), ...judgeFunctions(source, LONG_FUNCTIONS)]),
  broken: [
    { "packages/a/src/a.ts": linesOf(FILE_LINES + 1) },
    { "packages/a/src/a.test.ts": linesOf(FILE_LINES_HARD + 1) },
    functionOf("function long()", FUNCTION_LINES + 1),
    functionOf("const long = async () =>", FUNCTION_LINES + 1),
    { "apps/console/src/a.tsx": `function Table() {\n${linesOf(WHOLE_LINES)}}\n` },
    {
      "packages/a/src/a.ts": `function factory() {\n${"  const inner = () => {\n    f();\n  };\n".repeat(40)}}\n`,
    },
    { "packages/a/src/a.ts": "const many = (a: 1, b: 2, c: 3, d: 4) => a;" },
  ],
  kept: [
    { "packages/a/src/a.ts": linesOf(FILE_LINES) },
    functionOf("function short()", FUNCTION_LINES),
    {
      "packages/a/src/a.ts": `function factory() {\n${"  const inner = () => {\n    f();\n  };\n".repeat(20)}}\n`,
    },
    { "apps/console/src/a.tsx": `function Table() {\n${linesOf(WHOLE_LINES - 2)}}\n` },
    { "packages/a/src/a.test.ts": `describe("x", () => {\n${linesOf(100)}});\n` },
  ],
};
