/** The operation layer by itself: every step made to fail in turn, every undo repeated, a crash after every step. */
import { type ErrorCode, MusterError } from "@muster/model/errors";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import type { JobChangeRow } from "../jobs/store.ts";
import { silentLog } from "../log.ts";
import type { Outcome } from "./attempt.ts";
import { operation, step } from "./operation.ts";
import { type JobTools, runJob } from "./run-job.ts";

interface World {
  did: string[];
  /** What a step or an undo ("two", "two:undo") throws. */
  fails: Map<string, ErrorCode>;
  changes: JobChangeRow[];
  recorded: Map<string, Outcome>;
  /** The process dies when this durable step is about to be recorded. */
  diesAt: string | null;
}

class Died extends Error {}

function world(overrides: Partial<World> = {}): World {
  return { did: [], fails: new Map(), changes: [], recorded: new Map(), diesAt: null, ...overrides };
}

function run(here: World, commitsAt = "never"): Promise<void> {
  const act = (name: string) => async () => {
    here.did.push(name);
    const code = here.fails.get(name);
    if (code !== undefined) throw new MusterError(code, `${name} failed`);
  };
  const steps = ["one", "two", "three"].map((name) =>
    step<object>(name, {
      title: name,
      do: act(name),
      undo: act(`${name}:undo`),
      commits: name === commitsAt,
      deadlineMs: 5_000,
    }),
  );
  const tools: Pick<JobTools, "log" | "stopping" | "durable"> & { jobs: Pick<JobTools["jobs"], "change"> } = {
    log: silentLog,
    stopping: new AbortController().signal,
    jobs: { change: async (change) => here.changes.push(change) > 0 },
    durable: async (name, work) => {
      const known = here.recorded.get(name);
      if (known !== undefined) return known;
      const outcome = await work();
      if (here.diesAt === name) throw new Died();
      here.recorded.set(name, outcome);
      return outcome;
    },
  };
  const tested = operation({ kind: "vps.create", input: z.object({}), steps });
  return runJob({ id: "j1", operation: tested, input: {}, tools: tools as never }); // the steps above use no store and no agent
}

/** Each step's last state, and how the job ended. */
function told({ changes }: World): { [step: string]: string; job: string } {
  const names = ["one", "two", "three"];
  const states = changes.flatMap((change) => change.steps).map(({ index, state }) => [names[index] ?? "", state]);
  return { ...Object.fromEntries(states), job: changes.at(-1)?.job?.state ?? "" };
}

describe("a job", () => {
  test("goes through its steps in order", async () => {
    const here = world();
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
    expect(here.changes.at(-1)?.job?.error).toEqual({ code: "engine_failed", message: `${name} failed` });
  });

  test("is stuck when an undo fails: what lies before it is left alone", async () => {
    const here = world({
      fails: new Map([
        ["three", "engine_failed"],
        ["two:undo", "engine_failed"],
      ]),
    });
    await run(here);
    expect(here.did).not.toContain("one:undo");
    expect(told(here)).toMatchObject({ two: "undo_failed", one: "done", job: "stuck" });
  });

  test("never goes back behind its commit point", async () => {
    const here = world({ fails: new Map([["three", "engine_failed"]]) });
    await run(here, "two");
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

  test.each(["one", "two", "three"])(
    "goes on after a crash at the end of %s: what was recorded is not done again",
    async (name) => {
      const here = world({ diesAt: name });
      await expect(run(here)).rejects.toThrow(Died);
      here.diesAt = null;
      await run(here);
      expect(here.did.filter((one) => one === name)).toHaveLength(2);
      expect(here.did).toHaveLength(4);
      expect(told(here).job).toBe("succeeded");
    },
  );

  test.each(["three:undo", "two:undo", "one:undo"])(
    "goes on taking back after a crash at the end of %s",
    async (name) => {
      const here = world({ diesAt: name, fails: new Map([["three", "engine_failed"]]) });
      await expect(run(here)).rejects.toThrow(Died);
      here.diesAt = null;
      await run(here);
      expect(here.did.filter((one) => one === name)).toHaveLength(2);
      expect(told(here)).toEqual({ one: "undone", two: "undone", three: "failed", job: "failed" });
    },
  );
});
