import { MusterError } from "@muster/model/errors";
import { describe, expect, test, vi } from "vitest";
import { attempt } from "./attempt.ts";

const options = (deadlineMs: number, stopping = new AbortController().signal) => ({
  deadlineMs,
  stopping,
  onFailure: vi.fn(),
});
const never = () => new Promise<never>(() => {});
const failing = (code: "database_unavailable" | "overloaded" | "not_found", times: number) => {
  let count = 0;
  return async () => {
    count += 1;
    if (count <= times) throw new MusterError(code, "Not now.");
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
    expect(await attempt(failing("overloaded", 2), options(5_000))).toEqual({ ok: true });
    expect(await attempt(failing("not_found", 1), options(5_000))).toMatchObject({
      ok: false,
      error: { code: "not_found" },
    });
  });

  test("waits for the database longer than its own deadline", async () => {
    expect(await attempt(failing("database_unavailable", 3), options(200))).toEqual({ ok: true });
  });

  test("shows nothing of an error that is none of ours, and gives it to the log", async () => {
    const given = options(1_000);
    const outcome = await attempt(() => Promise.reject(new Error("password=hunter2")), given);
    expect(outcome).toEqual({ ok: false, error: { code: "internal", message: "Something unexpected went wrong." } });
    expect(given.onFailure).toHaveBeenCalledWith(expect.objectContaining({ message: "password=hunter2" }));
  });

  test("is neither done nor failed when the server stops: the next one does it again", async () => {
    const stop = new AbortController();
    const outcome = attempt(never, options(5_000, stop.signal));
    stop.abort();
    expect(await Promise.race([outcome, new Promise((resolve) => setTimeout(resolve, 50, "parked"))])).toBe("parked");
  });
});
