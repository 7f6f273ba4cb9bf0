/** Who catches an error and throws another hands on what he caught. */
import { type Argument, type NewExpression, Visitor } from "oxc-parser";
import type { Breach, Law } from "./law.ts";
import { isTest, type Source } from "./source.ts";

const OURS = "MusterError";
const MAKERS = new Set([OURS, "Error", "TRPCError", "TypeError"]);

function hasCause(argument: Argument): boolean {
  if (argument.type !== "ObjectExpression") return false;
  return argument.properties.some((property) => {
    // A spread may bring it along: the reader has to look, the law does not guess.
    if (property.type === "SpreadElement") return true;
    return property.key.type === "Identifier" && property.key.name === "cause";
  });
}

interface Span {
  start: number;
  end: number;
}

/** Everything that runs because something was caught: catch blocks, and callbacks of `.catch(…)`. */
function caughtSpans(source: Source): Span[] {
  const spans: Span[] = [];
  const visitor = new Visitor({
    CatchClause: ({ body }) => void spans.push(body),
    CallExpression: ({ callee, arguments: [first] }) => {
      if (callee.type !== "MemberExpression" || callee.computed || callee.property.type !== "Identifier") return;
      if (callee.property.name === "catch" && first !== undefined) spans.push(first);
    },
  });
  visitor.visit(source.program);
  return spans;
}

function judgeSource(source: Source): Breach[] {
  const spans = caughtSpans(source);
  const breaches: Breach[] = [];
  const judge = (made: NewExpression) => {
    if (made.callee.type !== "Identifier" || !MAKERS.has(made.callee.name)) return;
    const caught = spans.some(({ start, end }) => start <= made.start && made.end <= end);
    if (!caught || made.arguments.some(hasCause)) return;
    breaches.push({
      path: source.path,
      line: source.lineAt(made.start),
      says: `this ${made.callee.name} drops what was caught`,
    });
  };
  const visitor = new Visitor({ NewExpression: judge });
  visitor.visit(source.program);
  return breaches;
}

export const causesLaw: Law = {
  name: "an error keeps its cause",
  reason: "the sentence is for the user, the cause is all that the operator has: pass { cause }",
  judge: ({ sources }) => sources.filter(({ path }) => !isTest(path)).flatMap(judgeSource),
  broken: [
    { "packages/a/src/a.ts": 'try { f(); } catch { throw new MusterError("internal", "It failed."); }' },
    {
      "packages/a/src/a.ts":
        'try { f(); } catch (error) { throw new MusterError("internal", "It failed.", { field: "a" }); }',
    },
    { "packages/a/src/a.ts": 'f().catch(() => { throw new Error("It failed."); });' },
  ],
  kept: [
    {
      "packages/a/src/a.ts":
        'try { f(); } catch (cause) { throw new MusterError("internal", "It failed.", { cause }); }',
    },
    {
      "packages/a/src/a.ts":
        'try { f(); } catch (error) { throw error; }\nthrow new MusterError("internal", "It failed.");',
    },
  ],
};
