/**
 * The closed list of error codes. An error has a code, a safe sentence and a cause; it is thrown inside
 * and mapped to HTTP once, in packages/api. A new code is one line here and fails to compile until both
 * readers, the user and the operator, are told what to do.
 */
import { z } from "zod";

interface ErrorRule {
  /** HTTP status of the API's answer (RFC 9110). */
  http: 400 | 401 | 403 | 404 | 409 | 412 | 429 | 500 | 503 | 504 | 507;
  /** Whether the same call may succeed later without anything being changed. */
  retryable: boolean;
  user: string;
  operator: string;
}

export const ERROR_RULES = {
  invalid_input: { http: 400, retryable: false, user: "Correct the field that is named.", operator: "Nothing." },
  unauthenticated: { http: 401, retryable: false, user: "Sign in.", operator: "Nothing." },
  forbidden: { http: 403, retryable: false, user: "Ask an administrator for the right.", operator: "Nothing." },
  token_invalid: {
    http: 403,
    retryable: false,
    user: "Ask for a new token: it is wrong, used or expired.",
    operator: "Print a new token; look at the audit if you did not expect the attempt.",
  },
  not_found: { http: 404, retryable: false, user: "Reload: it no longer exists.", operator: "Nothing." },
  name_taken: { http: 409, retryable: false, user: "Choose another name.", operator: "Nothing." },
  address_taken: { http: 409, retryable: false, user: "Choose another address.", operator: "Nothing." },
  address_outside_network: {
    http: 400,
    retryable: false,
    user: "Choose an address inside the node's network that is neither its network, broadcast nor gateway address.",
    operator: "Nothing.",
  },
  state_conflict: {
    http: 409,
    retryable: true,
    user: "Wait until the state that is named has passed, then try again.",
    operator: "Nothing.",
  },
  busy: {
    http: 409,
    retryable: true,
    user: "Wait for the job that is named; one operation runs at a time on a VPS.",
    operator: "If the job does not move, open it: it says where it stands.",
  },
  below_use: {
    http: 409,
    retryable: false,
    user: "Ask for at least what it uses now, or free some of it inside the VPS first.",
    operator: "Nothing.",
  },
  overcommitted: {
    http: 409,
    retryable: false,
    user: "Ask for less, or choose another node; the figures are in the sentence.",
    operator: "Free some of it on the node, allow more over-commit there, or add a node.",
  },
  cancelled: {
    http: 409,
    retryable: false,
    user: "Ask for it again if it is wanted after all.",
    operator: "Nothing; the job says who took it back.",
  },
  pool_full: {
    http: 507,
    retryable: false,
    user: "Ask for a smaller disk or choose another node.",
    operator: "Grow the node's storage pool.",
  },
  disk_full: {
    http: 507,
    retryable: true,
    user: "Tell the operator: the node's own disk is full.",
    operator: "Free space on the node's root file system.",
  },
  template_missing: {
    http: 409,
    retryable: false,
    user: "Choose a template that this node has.",
    operator: "Import the template on the node.",
  },
  checksum_mismatch: {
    http: 400,
    retryable: false,
    user: "Check the SHA-256 and the archive: they do not belong together.",
    operator: "Nothing; what was fetched has been removed.",
  },
  archive_invalid: {
    http: 400,
    retryable: false,
    user: "Give a tar archive of a root file system.",
    operator: "Nothing; what was unpacked has been removed.",
  },
  epoch_stale: {
    http: 409,
    retryable: false,
    user: "Reload: the VPS has moved to another node since.",
    operator: "An old command reached the node late and was refused, as it should be.",
  },
  unsupported: {
    http: 412,
    retryable: false,
    user: "This node cannot do it; the reason is in the sentence.",
    operator: "Run doctor on the node: it says what is missing.",
  },
  protocol_mismatch: {
    http: 412,
    retryable: false,
    user: "Tell the operator.",
    operator: "Bring the server and the node's agent to the same version.",
  },
  node_unreachable: {
    http: 503,
    retryable: true,
    user: "Try again; the node does not answer. Its VPSs may be running all the same.",
    operator: "Look at the node and its management network.",
  },
  overloaded: {
    http: 429,
    retryable: true,
    user: "Try again in a moment.",
    operator: "The node already has as many calls under way as it may.",
  },
  deadline_exceeded: {
    http: 504,
    retryable: true,
    user: "Try again; the answer did not come in time.",
    operator: "Look at the load of the node.",
  },
  database_unavailable: {
    http: 503,
    retryable: true,
    user: "Try again in a moment; nothing was changed.",
    operator: "Start PostgreSQL; the server reconnects by itself.",
  },
  engine_failed: {
    http: 500,
    retryable: true,
    user: "Open the job: the failed step says what the engine answered.",
    operator: "The step's detail has the engine's own words.",
  },
  internal: {
    http: 500,
    retryable: true,
    user: "Try again; if it stays, tell the operator.",
    operator: "The log has the cause under this request's id.",
  },
} as const satisfies Record<string, ErrorRule>;

export type ErrorCode = keyof typeof ERROR_RULES;

const codes = Object.keys(ERROR_RULES) as [ErrorCode, ...ErrorCode[]]; // Object.keys forgets the literal type
export const errorCodeSchema = z.enum(codes);

/**
 * What travels: agent to server, server to browser, and into a job's row. A code of a later version is read as
 * `internal`, with its own words: one row must not make a whole history unreadable.
 */
export const errorViewSchema = z.object({
  code: errorCodeSchema.catch("internal"),
  message: z.string(),
  /** Dotted path of the input field at fault, when there is one: "address". */
  field: z.string().optional(),
});
export type ErrorView = z.infer<typeof errorViewSchema>;

export class MusterError extends Error {
  override readonly name = "MusterError";
  readonly code: ErrorCode;
  readonly field: string | undefined;

  /** @param message one sentence that is safe to show to any signed-in user; secrets and paths belong in the cause. */
  constructor(code: ErrorCode, message: string, options: { cause?: unknown; field?: string } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.field = options.field;
  }

  view(): ErrorView {
    return { code: this.code, message: this.message, ...(this.field === undefined ? {} : { field: this.field }) };
  }
}

/** The view of anything that was thrown. What is not a MusterError shows nothing of itself. */
export function errorView(error: unknown): ErrorView {
  if (error instanceof MusterError) return error.view();
  return { code: "internal", message: "Something unexpected went wrong." };
}
