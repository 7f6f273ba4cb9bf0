import { MusterError } from "@muster/model/errors";
import { describe, expect, it } from "vitest";
import { run, runOk } from "./exec.ts";

const sh = (script: string, rest = {}) => ({ program: "sh", args: ["-c", script], timeoutMs: 5000, ...rest });

describe("run", () => {
  it("tells the exit code and both outputs", async () => {
    const outcome = await run(sh("echo out; echo err >&2; exit 3"));
    expect(outcome).toEqual({ exitCode: 3, stdout: "out\n", stderr: "err\n", truncated: false });
  });

  it("hands on the input and none of our environment", async () => {
    const outcome = await run(sh('cat; echo "[$VITEST$NODE_ENV]"', { input: "typed " }));
    expect(outcome.stdout).toBe("typed []\n");
  });

  it("keeps no more output than asked for, and says so", async () => {
    const outcome = await run(sh("head -c 100000 /dev/zero", { outputLimitBytes: 1000 }));
    expect([outcome.stdout.length, outcome.truncated]).toEqual([1000, true]);
  });

  it("kills what does not end in time", async () => {
    const before = Date.now();
    await expect(run(sh("exec sleep 60", { timeoutMs: 50 }))).rejects.toMatchObject({ code: "deadline_exceeded" });
    expect(Date.now() - before).toBeLessThan(5000);
  });

  it("stops when the caller gives up, before or during", async () => {
    const abort = new AbortController();
    const under = run(sh("exec sleep 60", { signal: abort.signal }));
    abort.abort();
    await expect(under).rejects.toMatchObject({ code: "deadline_exceeded" });
    await expect(run(sh("true", { signal: abort.signal }))).rejects.toMatchObject({ code: "deadline_exceeded" });
  });

  it("says that a program is not there", async () => {
    const command = { program: "/nowhere/to/be-found", args: [], timeoutMs: 1000 };
    await expect(run(command)).rejects.toMatchObject({ code: "engine_failed" });
  });

  it("passes arguments as they are: no shell reads them", async () => {
    const outcome = await run({
      program: "printf",
      args: ["%s|", "; reboot", "$(id)", "--help", "a b"],
      timeoutMs: 1000,
    });
    expect(outcome.stdout).toBe("; reboot|$(id)|--help|a b|");
  });
});

describe("runOk", () => {
  it("keeps the program's own words in the cause, out of the sentence", async () => {
    const error = await runOk(sh("echo /secret/path >&2; exit 1")).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(MusterError);
    expect(error).toMatchObject({ code: "engine_failed", message: "sh failed on the node." });
    expect(error instanceof MusterError && String(error.cause)).toContain("/secret/path");
  });
});
