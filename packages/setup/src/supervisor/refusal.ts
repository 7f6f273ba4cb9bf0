/** A start that cannot be: one clear sentence of what is wrong and what to do. It shows no stack. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  /** 2 for nonsense in the environment or the arguments. */
  readonly exitCode: number;

  constructor(sentence: string, exitCode = 1, options: { cause?: unknown } = {}) {
    super(sentence, options);
    this.exitCode = exitCode;
  }
}
