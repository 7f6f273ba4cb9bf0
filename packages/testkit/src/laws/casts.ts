/** `as` tells the compiler what it cannot know, and nobody checks it. Values are parsed instead. */
import { Visitor } from "oxc-parser";
import type { Breach, Law } from "./law.ts";
import type { Source } from "./source.ts";

/** A comment on the line says why it cannot be otherwise; a comment is asked for, as it is read in review. */
const REASON = /\/\/ \S/;

function judgeSource(source: Source): Breach[] {
  const breaches: Breach[] = [];
  const visitor = new Visitor({
    TSAsExpression: ({ typeAnnotation: type, start, end }) => {
      const name = type.type === "TSTypeReference" && type.typeName.type === "Identifier" ? type.typeName.name : null;
      if (name === "const") return;
      const line = source.lineAt(end - 1);
      if (REASON.test(source.lines[line - 1] ?? "")) return;
      breaches.push({ path: source.path, line: source.lineAt(start), says: "a cast without a reason on its line" });
    },
  });
  visitor.visit(source.program);
  return breaches;
}

export const castsLaw: Law = {
  name: "values are parsed, not cast",
  reason:
    "a cast is a wrong answer waiting for its question: parse with zod, or say on the line why neither can be wrong",
  judge: ({ sources }) => sources.flatMap(judgeSource),
  broken: [
    { "packages/a/src/a.ts": "const vps = JSON.parse(text) as Vps;" },
    { "packages/a/src/a.test.ts": "const vps = {} as unknown as Vps;" },
  ],
  kept: [
    { "packages/a/src/a.ts": "const kinds = [1, 2] as const;" },
    { "packages/a/src/a.ts": "const keys = Object.keys(TABLE) as Key[]; // Object.keys forgets the literal type" },
    { "packages/a/src/a.ts": 'import { a as b } from "./c.ts";' },
  ],
};
