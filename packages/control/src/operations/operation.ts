/**
 * A durable action is a value: its kind, the shape of its input, and a table of steps. run-job.ts runs it.
 *
 * Rules for a step: it may run more than once (the process may die after the work and before the record), so every
 * effect is keyed by `context.key`; it ends by its deadline; it undoes what `do` did or half did. The first step
 * that `commits` is the point of no return: up to it a failure takes everything back in reverse, after it there is
 * only forward.
 */
import type { JobKind } from "@muster/model/job";
import type { z } from "zod";
import type { Agents } from "../agents.ts";
import type { NodeStore } from "../nodes/store.ts";
import type { VpsStore } from "../vps/store.ts";

/** The few things that a step may use. */
export interface StepTools {
  agents: Agents;
  vps: VpsStore;
  nodes: NodeStore;
}

export interface StepContext<Input> extends StepTools {
  jobId: string;
  /** `jobId:step`: an agent that has done it already repeats its answer. */
  key: string;
  input: Input;
  /** Aborted at the step's deadline. */
  signal: AbortSignal;
}

export interface Step<Input> {
  /** Stable: it is part of keys and of the history. */
  name: string;
  title: string;
  deadlineMs: number;
  commits: boolean;
  /** Null: it was done in the transaction that wrote the job down, and can only be undone. */
  do: ((context: StepContext<Input>) => Promise<void>) | null;
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
  /** The input as it was written down: anything else is a bug or another version's job. */
  parse(input: unknown): unknown;
  run(index: number, direction: "do" | "undo", context: StepContext<unknown>): Promise<void>;
}

export function step<Input>(
  name: string,
  parts: Pick<Step<Input>, "title" | "do"> & Partial<Pick<Step<Input>, "deadlineMs" | "commits" | "undo">>,
): Step<Input> {
  return { name, deadlineMs: 60_000, commits: false, undo: null, ...parts };
}

export function operation<Input>(parts: {
  kind: JobKind;
  input: z.ZodType<Input>;
  steps: readonly Step<Input>[];
}): Operation {
  const { kind, input, steps } = parts;
  return {
    kind,
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
      await (direction === "do" ? one.do?.(typed) : one.undo?.(typed));
    },
  };
}
