/** A store says which columns it wants. */
import { Visitor } from "oxc-parser";
import type { Breach, Law } from "./law.ts";
import type { Source } from "./source.ts";

const QUERIES = /^(find(First|Many|Unique)(OrThrow)?|create|update|upsert|delete)$/;

function judgeSource(source: Source): Breach[] {
  const breaches: Breach[] = [];
  const visitor = new Visitor({
    CallExpression: ({ callee, arguments: [first] }) => {
      if (callee.type !== "MemberExpression" || callee.computed || callee.property.type !== "Identifier") return;
      if (!QUERIES.test(callee.property.name) || first?.type !== "ObjectExpression") return;
      const including = first.properties.find(
        (property) =>
          property.type === "Property" && property.key.type === "Identifier" && property.key.name === "include",
      );
      if (including === undefined) return;
      breaches.push({
        path: source.path,
        line: source.lineAt(including.start),
        says: "include brings every column: select",
      });
    },
  });
  visitor.visit(source.program);
  return breaches;
}

export const columnsLaw: Law = {
  name: "queries select, they never include",
  reason: "the secret that is added to a table next year must not travel with a query of today",
  judge: ({ sources }) => sources.filter(({ path }) => /^(packages|apps|prisma)\//.test(path)).flatMap(judgeSource),
  broken: [{ "packages/control/src/vps/store.ts": "prisma.vps.findMany({ where: {}, include: { node: true } });" }],
  kept: [
    {
      "packages/control/src/vps/store.ts":
        "prisma.vps.findMany({ where: {}, select: { id: true } });\nf({ include: 1 });",
    },
  ],
};
