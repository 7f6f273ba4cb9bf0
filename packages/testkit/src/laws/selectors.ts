/** Browser tests find things as people do. */
import { Visitor } from "oxc-parser";
import type { Breach, Law } from "./law.ts";
import type { Source } from "./source.ts";

const REASONS: Readonly<Record<string, string>> = {
  locator: "find it by role or label: what cannot be found so cannot be used with a screen reader either",
  getByTestId: "find it by role or label: what cannot be found so cannot be used with a screen reader either",
  waitForTimeout: "wait for a state, never for a time",
  waitForSelector: "wait for a role or a label to be visible",
};

function judgeSource(source: Source): Breach[] {
  const breaches: Breach[] = [];
  const visitor = new Visitor({
    CallExpression: ({ callee }) => {
      if (callee.type !== "MemberExpression" || callee.computed || callee.property.type !== "Identifier") return;
      const { name, start } = callee.property;
      const reason = Object.hasOwn(REASONS, name) ? REASONS[name] : undefined;
      if (reason !== undefined)
        breaches.push({ path: source.path, line: source.lineAt(start), says: `${name}: ${reason}` });
    },
  });
  visitor.visit(source.program);
  return breaches;
}

export const selectorsLaw: Law = {
  name: "browser tests use roles and labels, and wait for states",
  reason: "a test that looks at classes and clocks breaks when nothing is broken",
  judge: ({ sources }) => sources.filter(({ path }) => /^e2e\/.*\.spec\.ts$/.test(path)).flatMap(judgeSource),
  broken: [
    { "e2e/screens/a.spec.ts": 'await page.locator(".mantine-Button").click();' },
    { "e2e/screens/a.spec.ts": "await page.waitForTimeout(1000);" },
  ],
  kept: [{ "e2e/screens/a.spec.ts": 'await page.getByRole("button", { name: "Stop" }).click();' }],
};
