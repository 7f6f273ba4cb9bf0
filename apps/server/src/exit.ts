/** How the server's programs end: a refusal is one sentence on stderr and exit code 2, and no stack trace. */

export function refuse(error: unknown): never {
  process.stderr.write(`muster-server: ${sentenceOf(error)}\n`);
  process.exit(2);
}

export async function runCommand(command: () => Promise<void>): Promise<void> {
  try {
    await command();
  } catch (error) {
    refuse(error);
  }
}

/** The sentence and its causes: a command has no log in which they could be looked up. */
function sentenceOf(error: unknown): string {
  const sentences: string[] = [];
  for (let current = error; current instanceof Error && sentences.length < 4; current = current.cause) {
    sentences.push(current.message.replaceAll(/\s*\n\s*/g, " ") || current.name);
  }
  return sentences.length > 0 ? sentences.join(" Cause: ") : String(error);
}
