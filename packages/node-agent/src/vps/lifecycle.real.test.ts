import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { visit, visitUntilAnswered } from "../trial/http.ts";
import { createTrialNode, inside, leftovers, quotaGroups, type TrialNode } from "../trial/trial-node.ts";
import type { Placements } from "./placements.ts";

const MIB = 1024 * 1024;
const never = new AbortController().signal;
let node: TrialNode;
let agent: Placements;

beforeAll(async () => {
  node = await createTrialNode();
  agent = await node.boot();
});
afterAll(async () => {
  await agent?.close();
  await node?.clean();
});

const placed = (vpsId: string, key: string) => ({ vpsId, epoch: 1, key: `${key}-${vpsId}` });

async function limitOf(controller: string, vpsId: string, file: string): Promise<string> {
  return (await readFile(`/sys/fs/cgroup/${controller}/muster/${vpsId}/${file}`, "utf8")).trim();
}

describe("the life of a VPS", () => {
  it("is created, answers HTTP, keeps to its limits, stops, and leaves nothing behind", async () => {
    const input = node.creation(1, { "cpu.cores": 0.5, "memory.max": 48 * MIB, "pids.max": 40 });
    const { vpsId } = input;
    expect(await agent.create(input, never)).toMatchObject({ state: "stopped", reason: null });
    expect(await agent.start(placed(vpsId, "s"), never)).toMatchObject({ state: "running" });
    expect(await visitUntilAnswered(input.spec.address)).toContain("<h1>trial-1</h1>");

    expect(await limitOf("cpu", vpsId, "cpu.cfs_quota_us")).toBe("50000");
    expect(await limitOf("memory", vpsId, "memory.limit_in_bytes")).toBe(String(48 * MIB));
    expect(await limitOf("pids", vpsId, "pids.max")).toBe("40");
    expect((await inside(node, vpsId, "hostname")).stdout.trim()).toBe("trial-1");
    expect((await inside(node, vpsId, "ip", "route")).stdout).toContain(`default via ${node.bridge.gateway}`);

    expect(await agent.stop({ ...placed(vpsId, "x"), graceMs: 10_000 }, never)).toMatchObject({ state: "stopped" });
    expect(await visit(input.spec.address)).toBeNull();
    expect(await leftovers(node, vpsId)).toEqual(["mounts", "subvolumes", "files"]);

    await agent.delete(placed(vpsId, "d"), never);
    expect(await leftovers(node, vpsId)).toEqual([]);
    expect(await quotaGroups(node)).toBe(1);
  });

  it("keeps what was written through a stop and a start", async () => {
    const input = node.creation(2);
    const { vpsId } = input;
    await agent.create(input, never);
    await agent.start(placed(vpsId, "s1"), never);
    await inside(node, vpsId, "sh", "-c", "echo kept > /var/www/kept; rm -r /etc/passwd /home");
    await agent.stop({ ...placed(vpsId, "x1"), graceMs: 0 }, never);
    await agent.start(placed(vpsId, "s2"), never);
    await visitUntilAnswered(input.spec.address);
    expect(await visit(input.spec.address, "/kept")).toBe("kept\n");
    expect((await inside(node, vpsId, "ls", "-d", "/etc/passwd", "/home", "/root")).stdout).toBe("/root\n");
    await agent.delete(placed(vpsId, "d"), never);
    expect(await leftovers(node, vpsId)).toEqual([]);
  });

  it("ends by itself on poweroff inside, and is seen to", async () => {
    const input = node.creation(3);
    await agent.create(input, never);
    await agent.start(placed(input.vpsId, "s"), never);
    const stop = new AbortController();
    const changes = agent.watch(stop.signal)[Symbol.asyncIterator]();
    await inside(node, input.vpsId, "poweroff", "-f");
    expect((await changes.next()).value).toMatchObject({ vpsId: input.vpsId, state: "stopped" });
    stop.abort();
    await agent.delete(placed(input.vpsId, "d"), never);
    expect(await leftovers(node, input.vpsId)).toEqual([]);
  });

  it("shares its template's bytes with its neighbours, and nothing else", async () => {
    const [one, two] = [node.creation(4), node.creation(5)];
    for (const input of [one, two]) {
      await agent.create(input, never);
      await agent.start(placed(input.vpsId, "s"), never);
    }
    await inside(node, one.vpsId, "sh", "-c", "echo mine > /var/www/mine");
    expect(await visit(one.spec.address, "/mine")).toBe("mine\n");
    expect(await visit(two.spec.address, "/mine")).not.toBe("mine\n");
    expect(await visitUntilAnswered(two.spec.address)).toContain("<h1>trial-5</h1>");
    const maps = await Promise.all([one, two].map(({ vpsId }) => inside(node, vpsId, "cat", "/proc/self/uid_map")));
    expect(maps[0]?.stdout).not.toBe(maps[1]?.stdout);
    for (const { vpsId } of [one, two]) await agent.delete(placed(vpsId, "d"), never);
  });

  it("answers soon after it was asked for; where the time goes is printed", async () => {
    const rounds: number[][] = [];
    for (let number = 10; number < 20; number += 1) {
      const input = node.creation(number);
      const t0 = performance.now();
      await agent.create(input, never);
      const t1 = performance.now();
      await agent.start(placed(input.vpsId, "s"), never);
      const t2 = performance.now();
      await visitUntilAnswered(input.spec.address);
      rounds.push([t1 - t0, t2 - t1, performance.now() - t2, performance.now() - t0]);
    }
    for (let number = 10; number < 20; number += 1) {
      await agent.delete(placed(node.creation(number).vpsId, "d"), never);
    }
    const median = (column: number) => rounds.map((round) => round[column] ?? 0).sort((a, b) => a - b)[5] ?? 0;
    const [create, start, http, all] = [0, 1, 2, 3].map((column) => median(column).toFixed(1));
    process.stderr.write(`median of 10, ms: create ${create}, start ${start}, first HTTP ${http}, in all ${all}\n`);
    // 62 to 90 ms on an idle machine. `pnpm bench provision` holds the budget; here a busy machine must not fail.
    expect(Number(all)).toBeLessThan(2000);
  });
});
