/** Commands and terminals in a real VPS: what they show, where they end, and that they leave nothing. */
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { MusterError } from "@muster/model/errors";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { startPiped } from "../engine/exec.ts";
import { createTrialNode, inside, type TrialNode } from "../trial/trial-node.ts";
import type { Placements } from "../vps/placements.ts";
import { type OpenConsole, openConsole } from "./console.ts";

/** A slow machine takes longer than the default second. */
const soon = <T>(look: () => T) => expect.poll(look, { timeout: 15_000 });

let node: TrialNode;
let placements: Placements;
let console: OpenConsole;
let vpsId: string;
let place: string;
const never = new AbortController().signal;

beforeAll(async () => {
  node = await createTrialNode();
  placements = await node.boot();
  const creation = node.creation(1);
  vpsId = creation.vpsId;
  place = join(node.layout.runDir, "terminals");
  await placements.create(creation, never);
  await placements.start({ key: "start", vpsId, epoch: 1 }, never);
  console = await openConsole({ runcRoot: node.layout.runcRoot, directory: place });
});
afterAll(async () => {
  await console?.shutDown();
  await placements?.close();
  await node?.clean();
});
afterEach(async () => {
  await soon(() => readdirSync(place)).toEqual([]);
});

const sh = (script: string, timeoutMs = 20_000) =>
  console.exec({ vpsId, argv: ["sh", "-c", script], timeoutMs }, never);
const processes = async () => (await inside(node, vpsId, "ps", "-o", "args")).stdout;

async function codeOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => "no error",
    (error: unknown) => (error instanceof MusterError ? error.code : String(error)),
  );
}

describe("a command", () => {
  it("brings its output, its errors and its exit code", async () => {
    expect(await sh("hostname; echo oops >&2; exit 7")).toEqual({
      exitCode: 7,
      stdout: "trial-1\n",
      stderr: "oops\n",
      truncated: false,
    });
  });

  it("is an argument vector: nothing in it is an option of ours or a line of a shell", async () => {
    const argv = ["echo", "--help", "; reboot", "$(id)"];
    expect((await console.exec({ vpsId, argv, timeoutMs: 20_000 }, never)).stdout).toBe("--help ; reboot $(id)\n");
  });

  it("says what a command that is not there is", async () => {
    const result = await console.exec({ vpsId, argv: ["/no/such"], timeoutMs: 20_000 }, never);
    expect(result.exitCode).not.toBe(0);
  });

  it("is killed at its deadline with all that it started", async () => {
    expect(await codeOf(sh("sleep 71 & sleep 72", 1500))).toBe("deadline_exceeded");
    await soon(processes).not.toContain("sleep 7");
  });

  it("is killed when its caller gives up", async () => {
    const caller = new AbortController();
    const running = console.exec({ vpsId, argv: ["sleep", "73"], timeoutMs: 20_000 }, caller.signal);
    await soon(processes).toContain("sleep 73");
    caller.abort(new MusterError("busy", "given up"));
    expect(await codeOf(running)).toBe("busy");
    await soon(processes).not.toContain("sleep 73");
  });

  it("is cut at 1 MiB, and says so", async () => {
    const { stdout, truncated } = await sh("yes | head -c 3000000");
    expect(stdout).toHaveLength(1024 * 1024);
    expect(truncated).toBe(true);
  });
});

/** All that a terminal shows from a number on, until the text comes or it ends. */
async function shownUntil(terminalId: string, text: string, afterSeq = 0) {
  let shown = "";
  let lastSeq = afterSeq;
  for await (const event of console.output({ terminalId, afterSeq }, AbortSignal.timeout(20_000))) {
    lastSeq = event.seq;
    if (event.type === "exit") return { shown, lastSeq, exitCode: event.exitCode };
    shown += Buffer.from(event.data, "base64").toString();
    if (shown.includes(text)) break;
  }
  return { shown, lastSeq, exitCode: undefined };
}

const open = () => console.open({ vpsId, columns: 80, rows: 24 });

describe("a terminal", () => {
  it("is a terminal: it has a size that follows, an echo, an exit code", async () => {
    const { terminalId } = await open();
    await console.write({ terminalId, data: "stty size; echo gr\u00fc\u00df | tr a-z A-Z\n" });
    await shownUntil(terminalId, "24 80\r\n");
    await console.resize({ terminalId, columns: 132, rows: 50 });
    await console.write({ terminalId, data: "stty size; exit 3\n" });
    const { shown, exitCode } = await shownUntil(terminalId, "never");
    expect(shown).toContain("50 132\r\n");
    expect(shown).toContain("GR\u00fc\u00df");
    expect(exitCode).toBe(3);
    expect(await codeOf(console.write({ terminalId, data: "x" }))).toBe("not_found");
  });

  it("goes on where its reader was", async () => {
    const { terminalId } = await open();
    await console.write({ terminalId, data: "echo on''e\n" });
    const { lastSeq } = await shownUntil(terminalId, "one");
    await console.write({ terminalId, data: "echo tw''o\n" });
    const { shown } = await shownUntil(terminalId, "two", lastSeq);
    expect(shown).not.toContain("one");
    await console.close(terminalId);
  });

  it("takes Ctrl-C while a program floods it, and keeps a bounded memory of the flood", async () => {
    const { terminalId } = await open();
    await console.write({ terminalId, data: "yes\n" });
    await shownUntil(terminalId, "y\r\ny\r\n");
    await console.write({ terminalId, data: "\u0003" });
    await console.write({ terminalId, data: "echo fi''n\n" });
    const { shown } = await shownUntil(terminalId, "fin");
    expect(shown.length).toBeLessThan(8 * 1024 * 1024);
    await console.close(terminalId);
  });

  it("ends with its shell and the program in it when it is closed", async () => {
    const { terminalId } = await open();
    await console.write({ terminalId, data: "sleep 81\n" });
    await soon(processes).toContain("sleep 81");
    await console.close(terminalId);
    await soon(processes).not.toMatch(/sleep 81|sh -l/);
    expect((await shownUntil(terminalId, "never")).exitCode).not.toBe(0);
  });

  it("is open eight times at most, and again once one is closed", async () => {
    const opened = await Promise.all(Array.from({ length: 8 }, open));
    expect(await codeOf(open())).toBe("overloaded");
    for (const { terminalId } of opened) await console.close(terminalId);
    await soon(processes).not.toContain("sh -l");
    const { terminalId } = await open();
    await console.close(terminalId);
  });

  it("dies with the agent: when whoever holds it is killed, nothing of it is left", async () => {
    const script = `
      const { openConsole } = await import(${JSON.stringify(new URL("console.ts", import.meta.url).href)});
      const console = await openConsole(${JSON.stringify({ runcRoot: node.layout.runcRoot, directory: `${place}-2` })});
      const { terminalId } = await console.open({ vpsId: "${vpsId}", columns: 80, rows: 24 });
      await console.write({ terminalId, data: "sleep 91\\n" });
      process.stdout.write("open");
      setInterval(() => undefined, 1000);`;
    const child = startPiped({ program: process.execPath, args: ["--input-type=module", "--eval", script] }, never);
    await once(child.stdout, "data");
    await soon(processes).toContain("sleep 91");
    child.kill("SIGKILL");
    await soon(processes).not.toMatch(/sleep 91|sh -l/);
    expect(readdirSync(`${place}-2`)).toEqual([]);
  });
});
