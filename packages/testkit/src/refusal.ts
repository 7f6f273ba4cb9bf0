/** What a call was refused with, as the browser would see it. */
import { viewOf } from "@muster/api/errors";
import { type ErrorCode, errorView, MusterError } from "@muster/model/errors";
import { TRPCError } from "@trpc/server";
import { expect } from "vitest";

function viewed(thrown: unknown) {
  return thrown instanceof TRPCError ? viewOf(thrown) : errorView(thrown);
}

/** The call must fail with this code, about this field; the answer is its safe sentence. */
export async function expectRefusal(call: Promise<unknown>, code: ErrorCode, field?: string): Promise<string> {
  const outcome = await call.then(
    (value: unknown) => ({ value }),
    (thrown: unknown) => ({ thrown }),
  );
  if (!("thrown" in outcome)) throw new Error(`It succeeded, and should have been refused with ${code}.`);
  const view = viewed(outcome.thrown);
  if (view.code === "internal" && code !== "internal" && !(outcome.thrown instanceof MusterError)) throw outcome.thrown;
  expect(view).toMatchObject(field === undefined ? { code } : { code, field });
  return view.message;
}
