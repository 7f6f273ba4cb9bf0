/** What `template.ts` is told on its command line. Nonsense is refused before anything is touched, in one sentence. */
import { parseArgs } from "node:util";
import { type ImportTemplate, importTemplateSchema } from "@muster/agent-api/agent";
import type { z } from "zod";

export interface ArchiveImport extends Pick<ImportTemplate, "name" | "description" | "init" | "sha256"> {
  /** Absolute, or from the directory that the command was given in. */
  file: string;
}

export const IMPORT_USAGE = "import FILE SHA256 --name NAME --init busybox|sysvinit|systemd [--description TEXT]";

/** `multiple` so that an option given twice is seen: otherwise the last one would win silently. */
const TEXT = { type: "string", multiple: true } as const;
const OPTIONS = { name: TEXT, init: TEXT, description: TEXT };

/** @param args what follows the word `import`. @throws Error with one sentence for whoever typed it. */
export function parseImportArguments(args: string[]): ArchiveImport {
  const { positionals, values } = split(args);
  const [file = "", sha256 = "", ...surplus] = positionals;
  const [name, init, description] = [values.name, values.init, values.description ?? [""]];
  const lists = [name, init, description];
  if (file === "" || sha256 === "" || surplus.length > 0 || lists.some((list) => list?.length !== 1)) {
    throw new Error(`Write ${IMPORT_USAGE}, each once.`);
  }
  const { shape } = importTemplateSchema;
  return {
    file,
    sha256: checked(shape.sha256, "SHA256", sha256),
    name: checked(shape.name, "--name", name?.[0]),
    init: checked(shape.init, "--init", init?.[0]),
    description: checked(shape.description, "--description", description[0]),
  };
}

function split(args: string[]) {
  try {
    return parseArgs({ args, options: OPTIONS, allowPositionals: true, strict: true });
  } catch (cause) {
    // Node's own sentence may be three of them, with advice for other programs.
    throw new Error(`Write ${IMPORT_USAGE}, and no other option.`, { cause });
  }
}

function checked<T>(schema: z.ZodType<T>, label: string, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new Error(`${label} is wrong: ${parsed.error.issues[0]?.message}.`);
}
