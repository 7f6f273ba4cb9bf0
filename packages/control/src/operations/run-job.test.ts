/** The operation layer by itself: every step made to fail in turn, every undo repeated, a crash after every step. */
import { type ErrorCode, type ErrorView, MusterError } from "@muster/model/errors";
import type { JobState, StepState } from "@muster/model/job";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import type { ClaimedJob, JobChange, Told } from "../jobs/journal.ts";
import { silentLog } from "../log.ts";
import { LetGo } from "./attempt.ts";
import { operation, type StepOutput, step } from "./operation.ts";
import { type JobAtWork, type JobTools, type Moment, runJob } from "./run-job.ts";

const NAMES = ["one", "two", "three"];

interface Row {
  state: StepState;
  error: ErrorView | null;
  output: StepOutput | null;
}

/** The job's rows, as the database keeps them, and what befalls the process. */
interface World {
  did: string[];
  /** What a step or an undo ("two", "two:undo") throws. */
  fails: Map<string, ErrorCode>;
  job: { state: JobState; error: ErrorView | null; advice: string | null; committed: boolean };
  rows: Row[];
  cancelRequested: boolean;
  lost: boolean;
  /** The process dies when this ("two", "two:undo") is done and about to be recorded. */
  diesAt: string | null;
  /** "two done", "two:undo before": called around every step. */
  at: Map<string, () => void>;
  cancel: AbortController;
}

class Died extends Error {}

function world(overrides: Partial<World> = {}): World {
  return {
    ...{ did: [], fails: new Map(), at: new Map(), cancel: new AbortController(), cancelRequested: false, lost: false },
    diesAt: null,
    job: { state: "running", error: null, advice: null, committed: false },
    rows: NAMES.map(() => ({ state: "waiting", error: null, output: null })),
    ...overrides,
  };
}

/** What journal.ts does in SQL. */
function write(here: World, { steps, to, unlessCancelled }: JobChange): Told {
  if (here.diesAt !== null && here.did.at(-1) === here.diesAt) throw new Died();
  if (here.lost) return "lost";
  const cancelled = unlessCancelled && here.cancelRequested && !here.job.committed;
  for (const { index, state, error, output } of steps) {
    const row = here.rows[index];
    if (row === undefined || (cancelled && state === "running")) continue;
    Object.assign(row, { state, ...(error && { error }), ...(output && { output }) });
  }
  if (cancelled) return "cancelled";
  here.job.state = to.state === "failed" && here.cancelRequested ? "cancelled" : to.state;
  if ("error" in to) here.job.error = to.error;
  here.job.advice = "advice" in to ? to.advice : null;
  here.job.committed ||= "commits" in to && to.commits;
  return "recorded";
}

function claimed({ job, rows, cancelRequested }: World): ClaimedJob {
  const steps = rows.map((row, index) => ({ ...row, index, name: NAMES[index] ?? "" }));
  const state = job.state === "undoing" ? "undoing" : "running";
  return {
    id: "j1",
    kind: "vps.create",
    input: {},
    state,
    committed: job.committed,
    cancel_requested: cancelRequested,
    steps,
  };
}

interface Shape {
  commitsAt?: string;
  withoutUndo?: string[];
}

function tested(here: World, { commitsAt, withoutUndo = [] }: Shape) {
  const act = (name: string) => async () => {
    here.did.push(name);
    const code = here.fails.get(name);
    if (code !== undefined) throw new MusterError(code, `${name} failed`);
  };
  const steps = NAMES.map((name) =>
    step<object>(name, {
      title: name,
      do: act(name),
      undo: withoutUndo.includes(name) ? null : act(`${name}:undo`),
      commits: name === commitsAt,
      deadlineMs: 5_000,
    }),
  );
  return operation({ kind: "vps.create", input: z.object({}), steps, stuckAdvice: "Retry it." });
}

function atWork(here: World, overrides: Partial<JobAtWork>): JobAtWork {
  const tools: Pick<JobTools, "log" | "at" | "journal"> = {
    log: silentLog,
    journal: { change: async (change) => write(here, change) },
    at: ({ step: name, direction, moment }: Moment) =>
      here.at.get(`${name}${direction === "undo" ? ":undo" : ""} ${moment}`)?.(),
  };
  return {
    job: claimed(here),
    operation: tested(here, {}),
    tools: tools as never, // the steps use no store and no agent
    cancelled: here.cancel.signal,
    letGo: new AbortController().signal,
    report: () => {},
    ...overrides,
  };
}

const run = (here: World, shape: Shape = {}) => runJob(atWork(here, { operation: tested(here, shape) }));

/** Accepted as the database accepts it: not once the job has committed. */
function cancel(here: World): void {
  here.cancelRequested ||= !here.job.committed;
  if (here.cancelRequested) here.cancel.abort();
}

const told = (here: World) => ({
  ...Object.fromEntries(here.rows.map(({ state }, index) => [NAMES[index], state])),
  job: here.job.state,
});

describe("a job", () => {
  test("goes through its steps in order", async () => {
    const here = world();
    await run(here);
    expect(here.did).toEqual(["one", "two", "three"]);
    expect(told(here)).toEqual({ one: "done", two: "done", three: "done", job: "succeeded" });
  });

  test("is whole in the history when a PostgreSQL that was killed forgot its progress", async () => {
    const here = world();
    here.at.set("three before", () => Object.assign(here.rows[1] ?? {}, { state: "running" }));
    await run(here);
    expect(here.did).toEqual(["one", "two", "three"]);
    expect(told(here)).toEqual({ one: "done", two: "done", three: "done", job: "succeeded" });
  });

  test.each([
    ["one", ["one", "one:undo"], { one: "failed", two: "skipped", three: "skipped" }],
    ["two", ["one", "two", "two:undo", "one:undo"], { one: "undone", two: "failed", three: "skipped" }],
    [
      "three",
      ["one", "two", "three", "three:undo", "two:undo", "one:undo"],
      { one: "undone", two: "undone", three: "failed" },
    ],
  ])("takes everything back in reverse when %s fails", async (name, did, states) => {
    const here = world({ fails: new Map([[name, "engine_failed"]]) });
    await run(here);
    expect(here.did).toEqual(did);
    expect(told(here)).toEqual({ ...states, job: "failed" });
    expect(here.job.error).toEqual({ code: "engine_failed", message: `${name} failed` });
  });

  test("is stuck when an undo fails: what lies before it is left alone, and it says what can be done", async () => {
    const fails = new Map([
      ["three", "engine_failed"],
      ["two:undo", "engine_failed"],
    ] as const);
    const here = world({ fails });
    await run(here);
    expect(here.did).not.toContain("one:undo");
    expect(told(here)).toMatchObject({ two: "undo_failed", one: "done", job: "stuck" });
    expect(here.job.advice).toBe("Retry it.");
  });

  test("that was stuck on the way back goes on there when it is set going again", async () => {
    const here = world({ job: { state: "undoing", error: null, advice: null, committed: false } });
    for (const [index, state] of (["done", "undo_failed", "failed"] as const).entries())
      here.rows[index] = { state, error: { code: "engine_failed", message: `${state}` }, output: null };
    await run(here);
    expect(told(here)).toEqual({ one: "undone", two: "undone", three: "failed", job: "failed" });
    expect(here.job.error?.message).toBe("failed");
  });

  test("never goes back behind its commit point", async () => {
    const here = world({ fails: new Map([["three", "engine_failed"]]) });
    await run(here, { commitsAt: "two" });
    expect(here.did).toEqual(["one", "two", "three"]);
    expect(told(here)).toMatchObject({ three: "failed", job: "stuck" });
  });

  test("tries again what waiting may mend", async () => {
    const here = world({ fails: new Map([["two", "node_unreachable"]]) });
    setTimeout(() => here.fails.clear(), 150);
    await run(here);
    expect(told(here).job).toBe("succeeded");
    expect(here.did.filter((name) => name === "two").length).toBeGreaterThan(1);
  });

  test("is dropped without a word by a server that has lost it", async () => {
    const here = world();
    here.at.set("one done", () => {
      here.lost = true;
    });
    await expect(run(here)).rejects.toThrow(LetGo);
    expect(here.did).toEqual(["one"]);
    expect(told(here)).toMatchObject({ one: "running", two: "waiting" });
  });

  test("hands what a step returned to the steps after it, also after a crash between them", async () => {
    const here = world();
    const seen: unknown[] = [];
    const shape = z.object({ bytes: z.number() });
    const steps = [
      step<object>("one", { title: "one", output: shape, do: async () => ({ bytes: 5 }) }),
      step<object>("two", {
        title: "two",
        do: async ({ outputs }) => {
          here.did.push("two");
          seen.push(outputs["one"]);
        },
      }),
    ];
    const measured = operation({ kind: "vps.create", input: z.object({}), steps });
    here.diesAt = "two";
    await expect(runJob(atWork(here, { operation: measured }))).rejects.toThrow(Died);
    here.diesAt = null;
    await runJob(atWork(here, { operation: measured }));
    expect(seen).toEqual([{ bytes: 5 }, { bytes: 5 }]);
    expect(here.rows[0]?.output).toEqual({ bytes: 5 });
  });
});

describe("after a crash", () => {
  test.each(NAMES)("at the end of %s it goes on: what was recorded is not done again", async (name) => {
    const here = world({ diesAt: name });
    await expect(run(here)).rejects.toThrow(Died);
    here.diesAt = null;
    await run(here);
    expect(here.did.filter((one) => one === name)).toHaveLength(2);
    expect(here.did).toHaveLength(4);
    expect(told(here).job).toBe("succeeded");
  });

  test.each(["three:undo", "two:undo", "one:undo"])("at the end of %s it goes on taking back", async (name) => {
    const here = world({ diesAt: name, fails: new Map([["three", "engine_failed"]]) });
    await expect(run(here)).rejects.toThrow(Died);
    here.diesAt = null;
    await run(here);
    expect(here.did.filter((one) => one === name)).toHaveLength(2);
    expect(told(here)).toEqual({ one: "undone", two: "undone", three: "failed", job: "failed" });
    expect(here.job.error).toEqual({ code: "engine_failed", message: "three failed" });
  });
});

describe("a cancel", () => {
  test("while it waits: what was reserved with the request is taken back, and nothing else is done", async () => {
    const here = world({
      cancelRequested: true,
      job: { state: "undoing", error: null, advice: null, committed: false },
    });
    here.rows[0] = { state: "done", error: null, output: null };
    await run(here);
    expect(here.did).toEqual(["one:undo"]);
    expect(told(here)).toEqual({ one: "undone", two: "skipped", three: "skipped", job: "cancelled" });
  });

  test.each(["before", "done", "recorded"])(
    "%s a step before the commit point: it ends cancelled, as it was",
    async (moment) => {
      const here = world();
      here.at.set(`one ${moment}`, () => cancel(here));
      await run(here, { commitsAt: "three" });
      expect(told(here).job).toBe("cancelled");
      expect(here.job.error?.code).toBe("cancelled");
      expect(here.did).not.toContain("three");
      if (here.did.includes("one")) expect(here.did).toContain("one:undo");
      expect(here.rows.map(({ state }) => state)).not.toContain("running");
    },
  );

  test("between two steps, when the next one commits: the database has the last word", async () => {
    const here = world();
    here.at.set("two done", () => cancel(here)); // accepted: the committing step has not begun
    await run(here, { commitsAt: "three" });
    expect(here.did).toEqual(["one", "two", "two:undo", "one:undo"]);
    expect(told(here)).toEqual({ one: "undone", two: "undone", three: "skipped", job: "cancelled" });
  });

  test("once the committing step has begun it is refused, and the job goes on", async () => {
    const here = world();
    here.at.set("three before", () => cancel(here));
    await run(here, { commitsAt: "three" });
    expect(told(here)).toMatchObject({ three: "done", job: "succeeded" });
  });

  test("when a step that has no undo is done: the rest is done too, half a job is no state", async () => {
    const here = world();
    here.at.set("two done", () => cancel(here));
    await run(here, { withoutUndo: ["two"] });
    expect(here.did).toEqual(["one", "two", "three"]);
    expect(told(here).job).toBe("succeeded");
    expect(here.job.committed).toBe(true);
  });

  test("that the server before this one did not get to: it is taken back where it stands", async () => {
    const here = world({ diesAt: "two" });
    await expect(run(here)).rejects.toThrow(Died);
    here.diesAt = null;
    cancel(here);
    await run(here);
    expect(here.did).toEqual(["one", "two", "two:undo", "one:undo"]);
    expect(told(here)).toMatchObject({ one: "undone", job: "cancelled" });
  });
});
