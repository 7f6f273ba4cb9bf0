/**
 * The one place where an error becomes an answer. Inside, errors are MusterErrors; here they get tRPC's code,
 * from which tRPC takes the HTTP status. What is not a MusterError shows nothing of itself: its cause goes to
 * the log under the request's id, and the answer carries that id.
 */
import { ERROR_RULES, type ErrorCode, type ErrorView, errorView, MusterError } from "@muster/model/errors";
import { TRPCError } from "@trpc/server";
import { z } from "zod";

type HttpStatus = (typeof ERROR_RULES)[ErrorCode]["http"];

/** tRPC has no 507 (RFC 4918); 503 says the same to a client that knows only the status: not now. */
const TRPC_CODE = {
  400: "BAD_REQUEST",
  401: "UNAUTHORIZED",
  403: "FORBIDDEN",
  404: "NOT_FOUND",
  409: "CONFLICT",
  412: "PRECONDITION_FAILED",
  429: "TOO_MANY_REQUESTS",
  500: "INTERNAL_SERVER_ERROR",
  503: "SERVICE_UNAVAILABLE",
  504: "GATEWAY_TIMEOUT",
  507: "SERVICE_UNAVAILABLE",
} as const satisfies Record<HttpStatus, TRPCError["code"]>;

/** What tRPC itself refuses, before or after a procedure of ours had a say. */
const CODE_OF_TRPC: Partial<Record<TRPCError["code"], ErrorCode>> = {
  NOT_FOUND: "not_found",
  METHOD_NOT_SUPPORTED: "invalid_input",
  PAYLOAD_TOO_LARGE: "invalid_input",
  PARSE_ERROR: "invalid_input",
  UNSUPPORTED_MEDIA_TYPE: "invalid_input",
  BAD_REQUEST: "invalid_input",
};

const SENTENCE: Partial<Record<ErrorCode, string>> = {
  not_found: "There is no such procedure.",
  invalid_input: "The request could not be understood.",
};

/** "spec.address: must be an IPv4 address": the first field at fault, in the words of its schema. */
function inputView(error: z.ZodError): ErrorView {
  const [issue] = error.issues;
  const field = issue?.path.map(String).join(".") ?? "";
  const message = issue?.message ?? "The input is not what this procedure takes.";
  if (field === "") return { code: "invalid_input", message };
  return { code: "invalid_input", message: `${field} ${message}`.slice(0, 500), field };
}

/** @param error as tRPC hands it to its formatter: what was thrown is its cause. */
export function viewOf(error: TRPCError): ErrorView {
  if (error.cause instanceof MusterError) return error.cause.view();
  if (error.code === "BAD_REQUEST" && error.cause instanceof z.ZodError) return inputView(error.cause);
  const code = CODE_OF_TRPC[error.code];
  if (code === undefined) return errorView(error.cause);
  return { code, message: SENTENCE[code] ?? "The request could not be understood." };
}

export function toTrpcError(thrown: unknown): TRPCError {
  if (thrown instanceof MusterError) return withCodeOf(thrown);
  if (thrown instanceof TRPCError) {
    return thrown.cause instanceof MusterError ? withCodeOf(thrown.cause) : thrown;
  }
  return new TRPCError({ code: "INTERNAL_SERVER_ERROR", cause: thrown });
}

function withCodeOf(error: MusterError): TRPCError {
  return new TRPCError({ code: TRPC_CODE[ERROR_RULES[error.code].http], message: error.message, cause: error });
}
