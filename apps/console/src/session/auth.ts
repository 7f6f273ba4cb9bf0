/** The two calls of better-auth that the console makes. Its answer is read only as far as it is needed. */
import { z } from "zod";

const refusalSchema = z.object({ message: z.string() });

async function post(path: string, body: object): Promise<Response> {
  return fetch(`/api/auth/${path}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
}

/** @returns null when it worked, else a sentence that says why not. */
export async function signIn(input: { email: string; password: string }): Promise<string | null> {
  let response: Response;
  try {
    response = await post("sign-in/email", input);
  } catch {
    return "The console does not answer. Check the connection and try again.";
  }
  if (response.ok) return null;
  if (response.status === 429) return "Too many attempts. Wait a minute, then try again.";
  if (response.status === 401) return "E-mail or password is wrong.";
  if (response.status === 503) return "The Muster server does not answer. VPSs keep running meanwhile.";
  const parsed = refusalSchema.safeParse(await response.json().catch(() => null));
  return parsed.success ? parsed.data.message : `Sign-in failed (HTTP ${response.status}).`;
}

export async function signOut(): Promise<void> {
  await post("sign-out", {});
}
