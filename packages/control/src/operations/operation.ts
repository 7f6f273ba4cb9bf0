/**
 * A durable action is a value: its kind, the shape of its input, and a table of steps. run-job.ts runs it.
 *
 * Rules for a step: it may run more than once (the process may die after the work and before the record), so every
 * effect is keyed by `context.key`; it ends by its deadline; it undoes what `do` did or half did. The first step
 * that `commits` is the point of no return: up to it a failure takes everything back in reverse, after it there is
 * only forward. Nobody can cancel from the moment in which that step begins, or once a step is done that has no undo.
 */
import type { JobKind, Progress } from "@muster/model/job";
import { z } from "zod";
import type { Agents } from "../agents.ts";
import type { LimitsStore } from "../limits/store.ts";
import type { NodeStore } from "../nodes/store.ts";
import type { VpsStore } from "../vps/store.ts";

/** The few things that a step may use. */
export interface StepTools {
  agents: Agents;
  vps: VpsStore;
  nodes: NodeStore;
  limits: LimitsStore;
}

export const stepOutputSchema = z.record(z.string(), z.json());
/** What a step found or made, for later steps and for the history. */
export type StepOutput = z.infer<typeof stepOutputSchema>;

export interface StepContext<Input> extends StepTools {
  jobId: string;
  /** `jobId:step`: an agent that has done it already repeats its answer. */
  key: string;
  input: Input;
  /** Aborted at the step's deadline, when the job is cancelled, and when it is no longer this server's. */
  signal: AbortSignal;
  /** By step; what a step that is done has returned, also to the server that ran it before this one. */
  outputs: Readonly<Record<string, StepOutput>>;
  /** As often as one likes: it is written a few times a second at most. */
  report(progress: Progress): void;
}

type Returned = StepOutput | undefined;

export interface Step<Input> {
  /** Stable: it is part of keys and of the history. */
  name: string;
  title: string;
  deadlineMs: number;
  commits: boolean;
  /** The shape of what `do` returns; null: it returns nothing. */
  output: z.ZodType<StepOutput> | null;
  /** What it returns is what `output` takes. Null: it was done in the transaction that wrote the job down, and can only be undone. */
  do: ((context: StepContext<Input>) => Promise<unknown>) | null;
  undo: ((context: StepContext<Input>) => Promise<void>) | null;
}

/** A step without what it does to an input of its own shape. */
export interface StepOutline extends Pick<Step<never>, "name" | "title" | "deadlineMs" | "commits"> {
  doneBefore: boolean;
  /** The others are passed over on the way back. */
  undoable: boolean;
}

/** `{ kind, input, steps }` with the input's shape known only to itself: what a list of operations holds. */
export interface Operation {
  kind: JobKind;
  steps: readonly StepOutline[];
  /** What the operator can do about a job of this kind that is stuck. */
  stuckAdvice: string;
  /** The input as it was written down: anything else is a bug or another version's job. */
  parse(input: unknown): unknown;
  run(index: number, direction: "do" | "undo", context: StepContext<unknown>): Promise<Returned>;
}

export function step<Input>(
  name: string,
  parts: Pick<Step<Input>, "title" | "do"> & Partial<Pick<Step<Input>, "deadlineMs" | "commits" | "undo" | "output">>,
): Step<Input> {
  return { name, deadlineMs: 60_000, commits: false, undo: null, output: null, ...parts };
}

const STUCK_ADVICE = "Open the step that failed, mend what it names, and retry.";

export function operation<Input>(parts: {
  kind: JobKind;
  input: z.ZodType<Input>;
  steps: readonly Step<Input>[];
  stuckAdvice?: string;
}): Operation {
  const { kind, input, steps, stuckAdvice = STUCK_ADVICE } = parts;
  return {
    kind,
    stuckAdvice,
    steps: steps.map(({ name, title, deadlineMs, commits, ...work }) => ({
      ...{ name, title, deadlineMs, commits },
      doneBefore: work.do === null,
      undoable: work.undo !== null,
    })),
    parse: (value) => input.parse(value),
    async run(index, direction, context) {
      const one = steps[index];
      if (one === undefined) throw new RangeError(`${kind} has no step ${index}`);
      const typed = { ...context, input: input.parse(context.input) };
      if (direction === "undo") {
        await one.undo?.(typed);
        return undefined;
      }
      const output = await one.do?.(typed);
      return one.output === null ? undefined : one.output.parse(output);
    },
  };
}
