/** What a visitor of a VPS sees. */
import { get } from "node:http";
import { setTimeout } from "node:timers/promises";

/** The body of /, or null when nobody answers. */
export function visit(address: string, path = "/"): Promise<string | null> {
  return new Promise((resolve) => {
    const request = get({ host: address, path, timeout: 500, agent: false }, (response) => {
      let body = "";
      response.on("data", (chunk: Buffer) => {
        body += chunk.toString();
      });
      response.on("end", () => resolve(body));
    });
    request.on("timeout", () => request.destroy());
    request.on("error", () => resolve(null));
  });
}

/** Until somebody answers; fails after 5 s. */
export async function visitUntilAnswered(address: string): Promise<string> {
  for (const endMs = Date.now() + 5000; Date.now() < endMs; await setTimeout(2)) {
    const body = await visit(address);
    if (body !== null) return body;
  }
  throw new Error(`nobody answered at ${address}`);
}
