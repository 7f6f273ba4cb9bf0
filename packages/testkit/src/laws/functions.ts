/** The functions of a file with their names, lengths and parameters. */
import { Visitor } from "oxc-parser";
import type { Source } from "./source.ts";

export interface FunctionFact {
  name: string;
  line: number;
  lines: number;
  /** Without the lines of the functions inside it: those are judged by themselves. */
  ownLines: number;
  parameters: number;
}

interface Span {
  start: number;
  end: number;
}

/** The lines after the first: where an inner function begins is a line of the outer one too. */
function rangeOf(first: number, last: number): number[] {
  return Array.from({ length: last - first }, (_, index) => first + 1 + index);
}

export function functionsOf(source: Source): FunctionFact[] {
  const found: (Span & { name: string | undefined; parameters: number })[] = [];
  /** Where a function expression begins -> what it is assigned to. */
  const names = new Map<number, string>();

  const keep = ({ start, end }: Span, name: string | undefined, parameters: number) => {
    found.push({ start, end, name, parameters });
  };

  const visitor = new Visitor({
    VariableDeclarator: ({ id, init }) => {
      if (id.type === "Identifier" && init !== null) names.set(init.start, id.name);
    },
    Property: ({ key, value }) => {
      if (key.type === "Identifier") names.set(value.start, key.name);
    },
    MethodDefinition: ({ key, value }) => {
      if (key.type === "Identifier") names.set(value.start, key.name);
    },
    FunctionDeclaration: (node) => keep(node, node.id?.name, node.params.length),
    FunctionExpression: (node) => keep(node, node.id?.name, node.params.length),
    ArrowFunctionExpression: (node) => keep(node, undefined, node.params.length),
  });
  visitor.visit(source.program);

  const lastLine = ({ end }: Span) => source.lineAt(end - 1);
  return found.map(({ start, end, name, parameters }) => {
    const line = source.lineAt(start);
    const lines = lastLine({ start, end }) - line + 1;
    const within = found.filter((other) => other.start > start && other.end <= end);
    const covered = new Set(within.flatMap((inner) => rangeOf(source.lineAt(inner.start), lastLine(inner))));
    return { name: name ?? names.get(start) ?? "(unnamed)", line, lines, ownLines: lines - covered.size, parameters };
  });
}
