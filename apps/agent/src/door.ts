/** The server's enrolment listener as an agent calls it: verified against the authority, one question, one answer. */
import { request as httpsRequest, type RequestOptions } from "node:https";
import { errorViewSchema, MusterError } from "@muster/model/errors";
import { z } from "zod";

/** The name in the enrolment listener's certificate; what matters is who signed it. */
export const LISTENER_NAME = "muster-enrolment";
export const TIMEOUT_MS = 10_000;
const ANSWER_MAX_BYTES = 64 * 1024;

const refusedSchema = z.object({ error: errorViewSchema });

export const hostOf = (url: URL): string => url.hostname.replace(/^\[|\]$/g, "");
export const portOf = (url: URL): number => Number(url.port || 443);

/** What to verify the server by, and, once the node has it, its own certificate. */
export type DoorTls = Pick<RequestOptions, "ca" | "cert" | "key">;

/** The server's own refusal, or node_unreachable where it does not answer. */
export function postToDoor(url: URL, body: object, tls: DoorTls): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const request = httpsRequest({
      ...tls,
      host: hostOf(url),
      port: portOf(url),
      path: url.pathname,
      method: "POST",
      headers: { "content-type": "application/json" },
      servername: LISTENER_NAME,
      minVersion: "TLSv1.3",
      timeout: TIMEOUT_MS,
      agent: false,
    });
    request.once("error", (cause) => reject(silent(cause)));
    request.once("timeout", () => request.destroy(new Error(`no answer in ${TIMEOUT_MS} ms`)));
    request.once("response", (response) => {
      let answer = "";
      response.setEncoding("utf8").on("data", (chunk: string) => {
        answer += chunk;
        if (answer.length > ANSWER_MAX_BYTES) request.destroy(new Error("the answer is too long"));
      });
      response.once("end", () => {
        try {
          if (response.statusCode === 200) resolve(JSON.parse(answer));
          else reject(refusal(JSON.parse(answer)));
        } catch (cause) {
          reject(silent(cause));
        }
      });
    });
    request.end(JSON.stringify(body));
  });
}

function refusal(answer: unknown): MusterError {
  const { code, message, field } = refusedSchema.parse(answer).error;
  return new MusterError(code, message, field === undefined ? {} : { field });
}

/** The server is the one who does not answer here; the code is the same in both directions. */
export const silent = (cause: unknown) =>
  new MusterError("node_unreachable", "The server does not answer at MUSTER_ENROL_URL.", { cause });

/** A wildcard is no address to call: then it is the one from which the server was reached. */
export function advertised({ host, port }: { host: string; port: number }, localAddress: string): string {
  const name = host === "0.0.0.0" || host === "::" ? localAddress : host;
  return name.includes(":") ? `[${name}]:${port}` : `${name}:${port}`;
}

/** As much of it as a host name may have (RFC 1123). */
export function hostnameOf(text: string): string {
  const name = text.replace(/[^A-Za-z0-9.-]/g, "-").slice(0, 63);
  return name.replace(/^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/g, "") || "node";
}
