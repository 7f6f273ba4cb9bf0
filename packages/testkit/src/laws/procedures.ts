/** Every procedure of the API and of the agent parses what comes in and what goes out. */
import { type CallExpression, type Expression, Visitor } from "oxc-parser";
import type { Breach, Law } from "./law.ts";
import type { Source } from "./source.ts";

const RESOLVERS = new Set(["query", "mutation", "subscription"]);

/** Names along `a.b(…).c(…)`, the root first: ["procedure", "input", "output", "query"]. */
function chainOf(expression: Expression): string[] {
  if (expression.type === "Identifier") return [expression.name];
  if (expression.type === "CallExpression") return chainOf(expression.callee);
  if (expression.type === "MemberExpression" && !expression.computed) {
    return [...chainOf(expression.object), expression.property.type === "Identifier" ? expression.property.name : ""];
  }
  return [];
}

function judgeCall(call: CallExpression, source: Source): Breach[] {
  const [root, ...links] = chainOf(call);
  const last = links.at(-1) ?? "";
  if (!/procedure$/i.test(root ?? "") || !RESOLVERS.has(last)) return [];
  if (links.includes("output")) return [];
  return [{ path: source.path, line: source.lineAt(call.start), says: `this ${last} has no .output` }];
}

export const proceduresLaw: Law = {
  name: "every procedure has an .output",
  reason: "what is not parsed on the way out leaks: a column more in a table becomes a secret more in an answer",
  judge: ({ sources }) =>
    sources
      .filter(({ path }) => /^packages\/(api|agent-api)\/src\//.test(path))
      .flatMap((source) => {
        const breaches: Breach[] = [];
        const visitor = new Visitor({ CallExpression: (call) => void breaches.push(...judgeCall(call, source)) });
        visitor.visit(source.program);
        return breaches;
      }),
  broken: [
    { "packages/api/src/vps.ts": "router({ list: procedure.input(a).query(() => 1) });" },
    { "packages/api/src/vps.ts": "const list = publicProcedure.mutation(async () => 1);" },
    { "packages/agent-api/src/router.ts": "const watch = procedure.input(a).subscription(async function* () {});" },
  ],
  kept: [
    { "packages/api/src/vps.ts": "router({ list: procedure.input(a).output(b).query(() => 1) });" },
    { "packages/api/src/vps.ts": "const rows = database.query(sql);" },
  ],
};
