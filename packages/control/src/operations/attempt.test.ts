import { MusterError } from "@muster/model/errors";
import { describe, expect, test, vi } from "vitest";
import { attempt, LetGo } from "./attempt.ts";

const options = (deadlineMs: number, letGo = new AbortController().signal) => ({
  deadlineMs,
  letGo,
  onFailure: vi.fn(),
});
const never = () => new Promise<never>(() => {});
const failing = (code: "database_unavailable" | "overloaded" | "not_found", times: number) => {
  let count = 0;
  return async () => {
    count += 1;
    if (count <= times) throw new MusterError(code, "Not now.");
    return undefined;
  };
};

describe("a step's attempt", () => {
  test("ends at its deadline with a code, and tells the work to stop", async () => {
    let told: AbortSignal | undefined;
    const outcome = await attempt((signal) => {
      told = signal;
      return never();
    }, options(50));
    expect(outcome).toMatchObject({ ok: false, error: { code: "deadline_exceeded" } });
    expect(told?.aborted).toBe(true);
  });

  test("is repeated when the node has too much to do, not when it refuses", async () => {
    expect(await attempt(failing("overloaded", 2), options(5_000))).toEqual({ ok: true, output: undefined });
    expect(await attempt(failing("not_found", 1), options(5_000))).toMatchObject({
      ok: false,
      error: { code: "not_found" },
    });
  });

  test("waits for the database longer than its own deadline", async () => {
    expect(await attempt(failing("database_unavailable", 3), options(200))).toEqual({ ok: true, output: undefined });
  });

  test("shows nothing of an error that is none of ours, and gives it to the log", async () => {
    const given = options(1_000);
    const outcome = await attempt(() => Promise.reject(new Error("password=hunter2")), given);
    expect(outcome).toEqual({ ok: false, error: { code: "internal", message: "Something unexpected went wrong." } });
    expect(given.onFailure).toHaveBeenCalledWith(expect.objectContaining({ message: "password=hunter2" }));
  });

  test("is neither done nor failed when the job is let go: whoever has it next does it again", async () => {
    const letGo = new AbortController();
    const outcome = attempt(never, options(5_000, letGo.signal));
    letGo.abort();
    await expect(outcome).rejects.toThrow(LetGo);
  });

  test("that is cancelled fails with that, at once when it listens", async () => {
    const cancel = new AbortController();
    const listens = (signal: AbortSignal) =>
      new Promise<never>((_, reject) => signal.addEventListener("abort", () => reject(new Error("aborted"))));
    const outcome = attempt(listens, { ...options(5_000), cancelled: cancel.signal });
    cancel.abort();
    expect(await outcome).toMatchObject({ ok: false, error: { code: "cancelled" } });
  });

  test("that was done before it heard of the cancel is done", async () => {
    const cancel = new AbortController();
    const deaf = Promise.withResolvers<undefined>();
    const outcome = attempt(() => deaf.promise, { ...options(5_000), cancelled: cancel.signal });
    cancel.abort();
    deaf.resolve(undefined);
    expect(await outcome).toEqual({ ok: true, output: undefined });
  });

  test("waits for a node that does not answer no longer than until it is cancelled", async () => {
    const cancel = new AbortController();
    const outcome = attempt(failing("overloaded", 1_000), { ...options(60_000), cancelled: cancel.signal });
    setTimeout(() => cancel.abort(), 20);
    expect(await outcome).toMatchObject({ ok: false, error: { code: "cancelled" } });
  });
});
