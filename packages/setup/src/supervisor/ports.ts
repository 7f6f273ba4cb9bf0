/** Whether the addresses are free, said before anything is started: which port, and which variable moves it. */
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { Environment, ListenAddress } from "./environment.ts";
import { Refusal } from "./refusal.ts";

/** Processes of a supervisor that was killed end themselves within 5 s. */
const PATIENCE_MS = 8_000;
const RETRY_MS = 200;

export interface WantedPort extends ListenAddress {
  variable: string;
}

export function wantedPorts(environment: Environment): WantedPort[] {
  const listens = (
    ["MUSTER_CONSOLE_LISTEN", "MUSTER_SERVER_LISTEN", "MUSTER_ENROL_LISTEN", "MUSTER_AGENT_LISTEN"] as const
  ).map((variable) => ({ variable, ...environment[variable] }));
  if (environment.DATABASE_URL !== undefined) return listens;
  return [...listens, { variable: "MUSTER_DATABASE_PORT", host: "127.0.0.1", port: environment.MUSTER_DATABASE_PORT }];
}

export function refuseDoublePorts(wanted: readonly WantedPort[]): void {
  for (const [index, one] of wanted.entries()) {
    const other = wanted.slice(index + 1).find((candidate) => candidate.port === one.port);
    if (other) throw new Refusal(`${one.variable} and ${other.variable} both name port ${one.port}.`, 2);
  }
}

/** @returns null when it can be listened on, else the system's code */
function whyNotFree({ host, port }: ListenAddress): Promise<string | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", (error) => resolve("code" in error ? String(error.code) : error.message));
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(null)));
  });
}

export function portSentence(wanted: WantedPort, code: string): string {
  const { host, port, variable } = wanted;
  if (code === "EADDRINUSE") return `Port ${port} is in use on ${host}. Stop what uses it, or set ${variable}.`;
  if (code === "EACCES") return `Port ${port} is reserved for root. Set ${variable} to one above 1023.`;
  if (code === "EADDRNOTAVAIL") return `${host} is no address of this machine. Set ${variable}.`;
  return `Muster cannot listen on ${host}:${port} (${code}). Set ${variable}.`;
}

/** @param patienceMs how long a port in use may take to become free */
export async function requireFreePorts(wanted: readonly WantedPort[], patienceMs = PATIENCE_MS): Promise<void> {
  const deadline = Date.now() + patienceMs;
  for (const port of wanted) {
    let code = await whyNotFree(port);
    while (code === "EADDRINUSE" && Date.now() < deadline) {
      await sleep(RETRY_MS);
      code = await whyNotFree(port);
    }
    if (code !== null) throw new Refusal(portSentence(port, code));
  }
}
