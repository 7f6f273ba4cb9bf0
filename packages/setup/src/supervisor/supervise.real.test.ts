/** The whole product, started as `npm start` starts it, by users of their own, and killed as nobody should. */
import { mkdtempSync, rmSync } from "node:fs";
import { chmod } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { addressOf, productOn, statusOf, type TestProduct, untilGone } from "./test-product.ts";

const PORT = 18_620;

let dataDir = "";
let own: TestProduct;
const start: TestProduct["start"] = (...asked) => own.start(...asked);
const recorded = () => own.recorded();

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), "muster-test-supervise-"));
  await chmod(dataDir, 0o755);
  own = productOn(dataDir, PORT);
});
afterEach(() => own.kill());
afterAll(async () => {
  await untilGone(recorded());
  rmSync(dataDir, { recursive: true, force: true });
});

/** Effective user and capabilities, as the kernel has them. */
function rightsOf(pid: number): { uid: number; capabilities: string } {
  const status = statusOf(pid) ?? "";
  const [, , uid] = /^Uid:\t(\d+)\t(\d+)/m.exec(status) ?? [];
  const [, capabilities = ""] = /^CapEff:\t(\w+)/m.exec(status) ?? [];
  return { uid: Number(uid), capabilities };
}

test("a start ends in one address, and only the agent is root", async () => {
  const product = start({}, "--simulate", "2");
  expect(await addressOf(product)).toMatch(new RegExp(`^http://127\\.0\\.0\\.1:${PORT}/setup#token=\\S+$`));
  const rights = new Map(recorded().map(({ name, pid }) => [name, rightsOf(pid)]));
  expect([...rights.keys()].toSorted()).toEqual(["agent", "console", "postgres", "server"]);
  for (const name of ["console", "postgres", "server"]) {
    expect(rights.get(name)?.uid, name).not.toBe(0);
    expect(rights.get(name)?.capabilities, name).toBe("0000000000000000");
  }
  expect(new Set([...rights.values()].map(({ uid }) => uid)).size).toBe(4);
  const second = start({}, "--simulate", "2");
  expect(await second.ended).toBe(1);
  expect(second.output()).toContain(`Muster already runs on ${dataDir} (process ${product.child.pid})`);
  product.child.kill("SIGINT");
  expect(await product.ended).toBe(0);
  await untilGone(recorded());
}, 120_000);

test("a kill -9 of the supervisor ends everything, and the next start is none the worse", async () => {
  const first = start({}, "--simulate", "2");
  await addressOf(first);
  const processes = recorded();
  expect(processes).toHaveLength(4);
  first.child.kill("SIGKILL");
  await first.ended;
  await untilGone(processes);
  const second = start({}, "--simulate", "2");
  await addressOf(second);
  second.child.kill("SIGTERM");
  expect(await second.ended).toBe(0);
}, 180_000);

test("a start right after a kill -9 waits for what is still ending", async () => {
  const first = start({}, "--simulate", "2");
  await addressOf(first);
  first.child.kill("SIGKILL");
  const second = start({}, "--simulate", "2");
  await addressOf(second);
  second.child.kill("SIGINT");
  expect(await second.ended).toBe(0);
}, 180_000);

test("a server that dies is started again", async () => {
  const product = start({}, "--simulate", "2");
  await addressOf(product);
  const before = recorded().find(({ name }) => name === "server");
  if (before === undefined) throw new Error("no server is recorded");
  process.kill(before.pid, "SIGKILL");
  const deadline = Date.now() + 20_000;
  const again = () => recorded().find(({ name, pid }) => name === "server" && pid !== before.pid);
  while (again() === undefined && Date.now() < deadline) await sleep(50);
  expect(again()).toBeDefined();
  expect(product.output()).toContain("server ended (SIGKILL); it is started again in 0.5 s");
  product.child.kill("SIGINT");
  expect(await product.ended).toBe(0);
}, 120_000);

test("a port in use is named with its variable, and nothing is started", async () => {
  const server = createServer();
  await new Promise<void>((done) => server.listen(PORT, "127.0.0.1", done));
  const product = start({}, "--simulate", "2");
  expect(await product.ended).toBe(1);
  expect(product.output()).toContain(
    `Port ${PORT} is in use on 127.0.0.1. Stop what uses it, or set MUSTER_CONSOLE_LISTEN.`,
  );
  server.close();
}, 60_000);

test("nonsense in the environment ends with code 2", async () => {
  const product = start({ MUSTER_CONSOL_LISTEN: "127.0.0.1:1" });
  expect(await product.ended).toBe(2);
  expect(product.output()).toContain("There is no environment variable MUSTER_CONSOL_LISTEN");
});
