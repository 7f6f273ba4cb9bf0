import { ERROR_RULES, type ErrorCode, errorCodeSchema, MusterError } from "@muster/model/errors";
import { getTRPCErrorShape, TRPCError, tracked } from "@trpc/server";
import { getHTTPStatusCodeFromError } from "@trpc/server/http";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { toTrpcError, viewOf } from "./errors.ts";
import { appRouter } from "./root.ts";
import { streamOf, trackedStreamOf } from "./stream.ts";
import { contextOf } from "./test-context.ts";

const codes: readonly ErrorCode[] = errorCodeSchema.options;

describe("a MusterError", () => {
  test.each(codes)("%s keeps its code, its sentence and its field, and gets its HTTP status", (code) => {
    const error = toTrpcError(new MusterError(code, "A sentence.", { field: "spec.name" }));
    const { http } = ERROR_RULES[code];
    expect(getHTTPStatusCodeFromError(error)).toBe(http === 507 ? 503 : http);
    expect(viewOf(error)).toEqual({ code, message: "A sentence.", field: "spec.name" });
  });

  test("that tRPC has wrapped is found inside", () => {
    const wrapped = new TRPCError({
      code: "INTERNAL_SERVER_ERROR",
      cause: new MusterError("name_taken", "There is one."),
    });
    expect(toTrpcError(wrapped).code).toBe("CONFLICT");
  });

  test("travels with the request's id", () => {
    const shape = getTRPCErrorShape({
      config: appRouter._def._config,
      error: toTrpcError(new MusterError("busy", "Job j1 is at work on it.")),
      type: "mutation",
      path: "vps.start",
      input: undefined,
      ctx: contextOf({}),
    });
    expect(shape).toMatchObject({
      message: "Job j1 is at work on it.",
      data: {
        httpStatus: 409,
        muster: { code: "busy", message: "Job j1 is at work on it.", requestId: "request-1" },
      },
    });
  });
});

describe("what is not a MusterError", () => {
  test("shows nothing of itself", () => {
    const secret = new Error("connect ECONNREFUSED postgres://muster:hunter2@db");
    const view = viewOf(toTrpcError(secret));
    expect(view.code).toBe("internal");
    expect(JSON.stringify(view)).not.toContain("hunter2");
  });

  test("an unknown procedure is not_found", () => {
    expect(viewOf(new TRPCError({ code: "NOT_FOUND", message: "No procedure" })).code).toBe("not_found");
  });

  test("a field at fault is named with its path and the words of its schema", () => {
    const schema = z.object({ spec: z.object({ memoryBytes: z.number().min(16, "must be at least 16 MiB") }) });
    const cause = schema.safeParse({ spec: { memoryBytes: 1 } }).error;
    expect(viewOf(new TRPCError({ code: "BAD_REQUEST", cause }))).toEqual({
      code: "invalid_input",
      message: "spec.memoryBytes must be at least 16 MiB",
      field: "spec.memoryBytes",
    });
  });

  test("our own code given to a client is never a stranger's: an output's ZodError is internal", () => {
    const cause = z.string().safeParse(5).error;
    expect(viewOf(new TRPCError({ code: "INTERNAL_SERVER_ERROR", cause })).code).toBe("internal");
  });
});

async function taken<Item>(stream: AsyncIterable<Item>): Promise<Item[]> {
  const items: Item[] = [];
  for await (const item of stream) items.push(item);
  return items;
}

describe("a stream", () => {
  test("is parsed item by item, and keeps the ids", async () => {
    const source = (async function* () {
      yield tracked("7", { n: 1, extra: "not in the schema" });
    })();
    const [first] = await taken(trackedStreamOf(z.object({ n: z.number() })).parse(source));
    expect(first?.slice(0, 2)).toEqual(["7", { n: 1 }]);
  });

  test("that breaks off says why in our codes", async () => {
    const source = (async function* () {
      yield 1;
      throw new MusterError("node_unreachable", "The node does not answer.");
    })();
    await expect(taken(streamOf(z.number()).parse(source))).rejects.toMatchObject({ code: "SERVICE_UNAVAILABLE" });
  });

  test("closes its source when nobody listens any more", async () => {
    let closed = false;
    const source = (async function* () {
      try {
        for (;;) yield 1;
      } finally {
        closed = true;
      }
    })();
    for await (const _ of streamOf(z.number()).parse(source)) break;
    expect(closed).toBe(true);
  });
});
