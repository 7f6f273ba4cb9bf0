/** The agent's process as its supervisor sees it: when it is ready, how it ends, and what it says when it cannot start. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectAgent } from "@muster/agent-api/client";
import { createTestAuthority, type TestAuthority } from "@muster/agent-api/test-authority";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const NODES = ["n0000000001", "n0000000002"] as const;

let authority: TestAuthority;
let directory: string;
let port: number;
const children: ChildProcess[] = [];

beforeEach(async () => {
  authority = await createTestAuthority();
  directory = mkdtempSync(join(tmpdir(), "muster-agent-main-"));
  port = await freePort();
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
  rmSync(directory, { recursive: true, force: true });
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  return typeof address === "object" && address !== null ? address.port : 0;
}

/** As if enrolment had been done before. */
async function giveIdentities(): Promise<void> {
  for (const [index, nodeId] of NODES.entries()) {
    const place = join(directory, "agent/simulated", `sim-0${index + 1}`);
    mkdirSync(place, { recursive: true });
    writeFileSync(join(place, "identity"), JSON.stringify({ nodeId, ...(await authority.issue(nodeId)) }));
  }
}

function run(extra: Record<string, string> = {}) {
  const env = {
    PATH: process.env["PATH"] ?? "",
    MUSTER_DATA_DIR: directory,
    MUSTER_AGENT_LISTEN: `127.0.0.1:${port}`,
    MUSTER_SIMULATE: String(NODES.length),
    ...extra,
  };
  const child = fork(join(import.meta.dirname, "main.ts"), {
    env,
    execArgv: [],
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
  children.push(child);
  let said = "";
  child.stderr?.on("data", (piece: Buffer) => {
    said += piece.toString();
  });
  const ended = once(child, "exit").then(([code]) => ({ code, last: said.trim().split("\n").at(-1) ?? "" }));
  return { child, ended };
}

async function runUntilReady() {
  const { child, ended } = run();
  const [message] = await once(child, "message");
  expect(message).toEqual({ ready: true, nodes: [...NODES] });
  return { child, ended };
}

describe("the agent's process", () => {
  it("serves every simulated node, says so of them, and stops in order within five seconds", async () => {
    await giveIdentities();
    const { child, ended } = await runUntilReady();
    const server = await authority.issue("muster-server");
    for (const nodeId of NODES) {
      const client = connectAgent({ address: `127.0.0.1:${port}`, nodeId, ...server });
      expect(await client.describe()).toMatchObject({ nodeId, simulated: true });
      client.close();
    }
    const told = performance.now();
    child.kill("SIGTERM");
    expect(await ended).toMatchObject({ code: 0 });
    expect(performance.now() - told).toBeLessThan(5000);
  });

  it("ends when its supervisor is gone", async () => {
    await giveIdentities();
    const { child, ended } = await runUntilReady();
    child.disconnect();
    expect(await ended).toMatchObject({ code: 0 });
  });

  it("lets no second agent into its directory, and the next one once it was killed", async () => {
    await giveIdentities();
    const { child, ended } = await runUntilReady();
    const second = await run({ MUSTER_AGENT_LISTEN: `127.0.0.1:${await freePort()}` }).ended;
    expect(second.code).toBe(1);
    expect(second.last).toMatch(/^muster-agent: Another agent \(process \d+\) already works in /);
    child.kill("SIGKILL");
    await ended;
    await runUntilReady();
  });
});

describe("the agent refuses to start, in one sentence", () => {
  it("with a variable that is wrong", async () => {
    expect(await run({ MUSTER_NETWORK: "10.0.0.0" }).ended).toEqual({
      code: 2,
      last: "muster-agent: MUSTER_NETWORK must be an IPv4 network such as 10.80.0.0/24, with a prefix from 8 to 30.",
    });
  });

  it("without an identity and without a token", async () => {
    const { code, last } = await run().ended;
    expect(code).toBe(1);
    expect(last).toContain("no token is left: set MUSTER_ENROL_TOKEN");
  });

  it("where its port is in use", async () => {
    await giveIdentities();
    const other = createServer().listen(port, "127.0.0.1");
    await once(other, "listening");
    const { code, last } = await run().ended;
    other.close();
    expect(code).toBe(1);
    expect(last).toBe(`muster-agent: Port ${port} is in use; set MUSTER_AGENT_LISTEN to another.`);
  });
});
