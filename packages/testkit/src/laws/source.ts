/** A source file as the laws see it: parsed by oxc (the parser that knip brings along), 1 ms a file. */
import { type Program, parseSync } from "oxc-parser";

export interface Imported {
  /** The specifier as written. */
  from: string;
  line: number;
  /** Gone at run time: `import type`, or nothing but types between the braces. */
  typeOnly: boolean;
}

export interface Source {
  path: string;
  lines: readonly string[];
  program: Program;
  imports: readonly Imported[];
  /** 1 for the first line. */
  lineAt(offset: number): number;
}

/** Where each line begins; searched by halves, as a file has thousands of nodes. */
function lineFinder(text: string): (offset: number) => number {
  const starts = [0];
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return (offset) => {
    let [low, high] = [0, starts.length];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle;
    }
    return low + 1;
  };
}

/** Tests and what only tests use: a folder `testing/`, a file `test-….ts`. */
export function isTest(path: string): boolean {
  return /\.test\.tsx?$|^e2e\/|\/testing\/|(^|\/)test-[a-z-]+\.ts$/.test(path);
}

export function parseSource(path: string, text: string): Source {
  const { program, module, errors } = parseSync(path, text);
  const [error] = errors;
  if (error !== undefined) throw new Error(`${path} cannot be parsed: ${error.message}`);
  const lineAt = lineFinder(text);
  const found = [
    ...module.staticImports.map(({ moduleRequest, entries }) => ({
      span: moduleRequest,
      // `import "x"` and `import {} from "x"` run x.
      typeOnly: entries.length > 0 && entries.every((entry) => entry.isType),
    })),
    ...module.staticExports.flatMap(({ entries }) =>
      entries.flatMap(({ moduleRequest, isType }) =>
        moduleRequest === null ? [] : [{ span: moduleRequest, typeOnly: isType }],
      ),
    ),
    ...module.dynamicImports.map(({ moduleRequest }) => ({ span: moduleRequest, typeOnly: false })),
  ];
  const imports = found.map(({ span, typeOnly }) => ({
    from: text.slice(span.start, span.end).replaceAll(/["'`]/g, ""),
    line: lineAt(span.start),
    typeOnly,
  }));
  return { path, lines: text.split("\n"), program, imports, lineAt };
}
