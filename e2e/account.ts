/** The administrator of a test's product, made the way a script would: first-run token, sign-in, API key. */
import { createClient } from "@muster/client";
import { z } from "zod";
import type { Product } from "./product.ts";

export const ADMINISTRATOR = { name: "Ada Admin", email: "ada@example.test", password: "correct horse battery" };

async function post(url: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  const answer = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", origin: new URL(url).origin, ...headers },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(20_000),
  });
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}: ${await answer.text()}`);
  return answer;
}

export async function completeSetup(product: Pick<Product, "url" | "token">): Promise<void> {
  await post(`${product.url}/trpc/setup.complete`, { token: product.token, ...ADMINISTRATOR });
}

const createdKeySchema = z.object({ result: z.object({ data: z.object({ key: z.string() }) }) });

type Address = Pick<Product, "url" | "serverUrl">;
/** One sign-in for each product, however many tests ask: an address may sign in twenty times a minute, and no more. */
const keys = new WeakMap<Address, Promise<string>>();

/** A client with an API key, against the server's own address as scripts use it. */
export async function scriptClient(product: Address): Promise<ReturnType<typeof createClient>> {
  const key = keys.get(product) ?? createKey(product);
  keys.set(product, key);
  return createClient({ url: product.serverUrl, apiKey: await key });
}

async function createKey(product: Address): Promise<string> {
  const { email, password } = ADMINISTRATOR;
  const signedIn = await post(`${product.url}/api/auth/sign-in/email`, { email, password });
  const cookie = signedIn.headers
    .getSetCookie()
    .map((line) => line.split(";")[0])
    .join("; ");
  const created = await post(`${product.url}/trpc/apiKeys.create`, { name: "bench" }, { cookie });
  return createdKeySchema.parse(await created.json()).result.data.key;
}
