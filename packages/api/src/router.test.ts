/** The laws of the API, read from the router's own list: a procedure that is added later is under them at once. */
import type { Fleet } from "@muster/control/fleet";
import { MusterError } from "@muster/model/errors";
import { type AnyTRPCProcedure, type AnyTRPCRouter, callTRPCProcedure } from "@trpc/server";
import { afterEach, describe, expect, test, vi } from "vitest";
import { z } from "zod";
import { sessionOf } from "./context.ts";
import { appRouter } from "./root.ts";
import { ADMINISTRATOR, contextOf, fleetThatAnswers } from "./test-context.ts";
import { PUBLIC_PATHS } from "./trpc.ts";

// At run time this record is flat, "vps.create" and so on; its type is the tree.
const flat: AnyTRPCRouter["_def"]["procedures"] = appRouter._def.procedures;
const procedures: [string, AnyTRPCProcedure][] = Object.entries(flat);
const paths = procedures.map(([path]) => path);

const schemasOf = (procedure: AnyTRPCProcedure) =>
  z.looseObject({ inputs: z.array(z.unknown()), output: z.unknown() }).parse(procedure._def);

function call(path: string, input: unknown, context = contextOf({})) {
  const procedure = procedures.find(([name]) => name === path)?.[1];
  return callTRPCProcedure({
    router: appRouter,
    path,
    ctx: context,
    getRawInput: async () => input,
    type: procedure?._def.type ?? "query",
    signal: new AbortController().signal,
    batchIndex: 0,
  });
}

async function codeOf(answer: Promise<unknown>): Promise<string> {
  const error = await answer.then(
    () => new Error("it was answered"),
    (thrown: unknown) => thrown,
  );
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof MusterError ? cause.code : String(error);
}

describe("every procedure", () => {
  test.each(procedures)("%s has an input and an output schema", (_path, procedure) => {
    const { inputs, output } = schemasOf(procedure);
    expect(inputs.length).toBeGreaterThan(0);
    expect(output).toBeInstanceOf(z.ZodType);
  });

  test.each(paths.filter((path) => !PUBLIC_PATHS.includes(path)))(
    "%s is denied to nobody-in-particular",
    async (path) => {
      expect(await codeOf(call(path, undefined))).toBe("unauthenticated");
    },
  );

  test.each(paths.filter((path) => !PUBLIC_PATHS.includes(path)))(
    "%s says so when rights cannot be asked",
    async (path) => {
      const session = () => Promise.reject(new MusterError("database_unavailable", "The database does not answer."));
      expect(await codeOf(call(path, undefined, contextOf({ session })))).toBe("database_unavailable");
    },
  );
});

test("the public procedures are those of one list, and exist", () => {
  expect(paths).toEqual(expect.arrayContaining([...PUBLIC_PATHS]));
  expect(PUBLIC_PATHS).toEqual(["setup.status", "setup.complete"]);
});

describe("input", () => {
  const signedIn = contextOf({ signedIn: true, fleet: fleetThatAnswers({}) });
  const spec = {
    name: "web-1",
    template: "busybox",
    address: "10.80.0.10",
    limits: { "memory.max": 64 * 2 ** 20 },
  };

  test.each([
    ["an option as a name", { name: "--help" }],
    ["a path as a name", { name: "../x" }],
    ["a command as a name", { name: ";reboot" }],
    ["an over-long name", { name: "a".repeat(64) }],
    ["a number as a name", { name: 5 }],
    ["an address that is none", { address: "10.80.0.256" }],
    ["text as memory", { limits: { "memory.max": "64 MiB" } }],
    ["a limit that nobody knows", { limits: { "cpu.magic": 1 } }],
    ["no processor", { limits: { "cpu.cores": 0 } }],
  ])("%s is refused before the fleet hears of it", async (_title, wrong) => {
    const answer = call("vps.create", { nodeId: "n0123456789", spec: { ...spec, ...wrong } }, signedIn);
    await expect(answer).rejects.toMatchObject({ code: "BAD_REQUEST" });
  });

  const administrator = { token: "t", name: "Ada", email: "ada@example.org", password: "correct horse" };
  const archive = { nodeId: "n0123456789", name: "t", init: "busybox", fileName: "t.tar", sha256: "0".repeat(64) };

  test.each([
    ["vps.list", { limit: 1, search: "web\0" }],
    ["vps.list", { limit: 1, cursor: "\0" }],
    ["vps.exec", { vpsId: "v0123456789", argv: ["/bin/echo", "a\0b"], timeoutMs: 1000 }],
    ["templates.import", { ...archive, description: "half a pair: \ud800" }],
    ["apiKeys.create", { name: "ci\0" }],
    ["apiKeys.revoke", { id: "\0" }],
    ["setup.complete", { ...administrator, name: "Ada\0" }],
    ["jobs.list", { limit: 1, search: "web\0" }],
    ["jobs.list", { limit: 1, actor: "\0" }],
    ["jobs.export", { filter: { search: "\0" }, format: "csv" }],
    ["vps.cancelTimedChange", { id: "\0" }],
  ])("%s refuses text that neither a database nor a process can hold", async (path, input) => {
    await expect(call(path, input, signedIn)).rejects.toMatchObject({
      code: "BAD_REQUEST",
      message: expect.stringContaining("must be Unicode text without NUL characters"),
    });
  });
});

describe("what is asked of limits and of the history", () => {
  const signedIn = contextOf({ signedIn: true, fleet: fleetThatAnswers({}) });
  const vpsId = "v0123456789";
  const ids = (length: number) => Array.from({ length }, () => vpsId);

  test.each([
    ["vps.setLimits", { vpsId, limits: { "cpu.cores": 0 } }],
    ["vps.setLimits", { vpsId, limits: { "cpu.magic": 1 } }],
    ["vps.setLimits", { vpsId, limits: {}, until: "Monday" }],
    ["vps.setLimits", { vpsId, limits: {}, until: "2026-01-31T06:00:00" }],
    ["vps.bulk", { vpsIds: [], action: { type: "start" } }],
    ["vps.bulk", { vpsIds: ids(501), action: { type: "start" } }],
    ["vps.bulk", { vpsIds: ids(1), action: { type: "exec" } }],
    ["vps.previewLimits", { vpsIds: ids(501), limits: {} }],
    ["vps.rename", { vpsId, name: "../x" }],
    ["jobs.list", { limit: 1, kinds: ["vps.explode"] }],
    ["jobs.list", { limit: 1, from: "0000-01-01T00:00:00Z" }],
    ["jobs.export", { filter: {}, format: "xlsx" }],
  ])("%s of %j is refused before the fleet hears of it", async (path, input) => {
    await expect(call(path, input, signedIn)).rejects.toMatchObject({ code: "BAD_REQUEST" });
  });

  test("a time of any zone becomes one of UTC", async () => {
    const setLimits = vi.fn(async () => ({ jobId: "j0123456789" }));
    const context = contextOf({ signedIn: true, fleet: fleetThatAnswers({ vps: { setLimits } }) });
    await call("vps.setLimits", { vpsId, limits: {}, until: "2030-01-07T06:00:00+02:00" }, context);
    expect(setLimits).toHaveBeenCalledWith({
      ...{ vpsId, limits: {}, actor: ADMINISTRATOR.email },
      until: "2030-01-07T04:00:00.000Z",
    });
  });
});

describe("a stream that is open", () => {
  afterEach(() => vi.useRealTimers());

  /** Changes without end, each some seconds after the last. */
  const changing = (secondsBetween: number): Partial<Fleet> => ({
    watch: async function* () {
      for (let id = 1; ; id += 1) {
        vi.setSystemTime(Date.now() + secondsBetween * 1000);
        yield { id: String(id), nodeId: "n0123456789", vpsId: null };
      }
    },
  });

  test("ends when the caller's key is revoked meanwhile, though it asks seldom", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const sessions = [ADMINISTRATOR, ADMINISTRATOR, null];
    const session = vi.fn(async () => sessions.shift() ?? null);
    const stream: AsyncIterable<unknown> = await call("fleet.watch", undefined, {
      ...contextOf({ fleet: fleetThatAnswers(changing(10)) }),
      ...sessionOf(session),
    });
    const seen: unknown[] = [];
    const reading = (async () => {
      for await (const item of stream) seen.push(item);
    })();
    await expect(reading).rejects.toMatchObject({ code: "UNAUTHORIZED", cause: { code: "unauthenticated" } });
    expect(session).toHaveBeenCalledTimes(3);
    expect(seen).toHaveLength(5); // at 10 and 20 s, asked at 30, then 40 and 50, and refused at 60
  });
});

test("an output that is not as promised is an internal error, and shows nothing", async () => {
  const fleet = fleetThatAnswers({ jobs: { list: async () => ({ items: [], total: -1, nextCursor: null }) } });
  const answer = call("jobs.list", { limit: 10 }, contextOf({ signedIn: true, fleet }));
  await expect(answer).rejects.toMatchObject({ code: "INTERNAL_SERVER_ERROR" });
});
