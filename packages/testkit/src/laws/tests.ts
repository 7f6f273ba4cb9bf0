/** Tests that run all, always. */
import { Visitor } from "oxc-parser";
import type { Breach, Law } from "./law.ts";
import { isTest, type Source } from "./source.ts";

const RUNNERS = new Set(["test", "it", "describe", "suite"]);
/** `skipIf` and Playwright's `test.skip(condition, reason)` included: a test that may not run proves nothing when it counts. */
const DODGES = new Set(["skip", "only", "todo", "fails", "skipIf", "fixme"]);

function judgeSource(source: Source): Breach[] {
  const breaches: Breach[] = [];
  const visitor = new Visitor({
    MemberExpression: ({ object, property, computed, start }) => {
      if (computed || object.type !== "Identifier" || property.type !== "Identifier") return;
      if (!RUNNERS.has(object.name) || !DODGES.has(property.name)) return;
      breaches.push({ path: source.path, line: source.lineAt(start), says: `${object.name}.${property.name}` });
    },
  });
  visitor.visit(source.program);
  return breaches;
}

export const testsLaw: Law = {
  name: "no test is skipped, and none is preferred",
  reason: "a test that does not run is a promise that nobody keeps: make it pass, or delete it",
  judge: ({ sources }) => sources.filter(({ path }) => isTest(path)).flatMap(judgeSource),
  broken: [
    { "packages/a/src/a.test.ts": 'test.skip("x", () => {});' },
    { "packages/a/src/a.test.ts": 'describe.only("x", () => {});' },
    { "e2e/screens/a.spec.ts": 'test.only("x", async () => {});' },
  ],
  kept: [{ "packages/a/src/a.test.ts": 'test.each([1])("x", () => {});\nconst page = { only: 1 };\npage.only;' }],
};
