import { spawn } from "node:child_process";
import { readFile, statfs } from "node:fs/promises";
import { join } from "node:path";
import { vpsIdSchema } from "@muster/model/ids";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { visit, visitUntilAnswered } from "../trial/http.ts";
import { createTrialNode, inside, leftovers, quotaGroups, type TrialNode } from "../trial/trial-node.ts";
import type { Placements } from "../vps/placements.ts";
import { runOk } from "./exec.ts";
import { native } from "./native.ts";
import { detachPool, isAttached } from "./pool.ts";

const MIB = 1024 * 1024;
const never = new AbortController().signal;
const placed = (vpsId: string, key: string) => ({ vpsId, epoch: 1, key: `${key}-${vpsId}` });
let node: TrialNode;
let agent: Placements;

beforeAll(async () => {
  node = await createTrialNode(512 * MIB);
  agent = await node.boot();
});
afterAll(async () => {
  await agent?.close();
  await node?.clean();
});

async function running(number: number, diskBytes: number): Promise<string> {
  const input = node.creation(number, { "disk.max": diskBytes });
  await agent.create(input, never);
  await agent.start(placed(input.vpsId, "s"), never);
  return input.vpsId;
}

/** Where the kernel tells of the trial pool's counts. */
async function qgroupFiles(): Promise<string> {
  const args = ["-n", "-o", "UUID", node.layout.poolDir];
  const uuid = await runOk({ program: "findmnt", args, timeoutMs: 20_000 });
  return `/sys/fs/btrfs/${uuid.trim()}/qgroups`;
}

const btrfs = (...args: string[]) => runOk({ program: "btrfs", args, timeoutMs: 20_000 });

const countsAreInconsistent = async () =>
  (await readFile(join(await qgroupFiles(), "inconsistent"), "utf8")).trim() === "1";

describe("a private area", () => {
  it("holds no more than its limit, and the neighbour does not feel it", async () => {
    const full = await running(1, 64 * MIB);
    const outcome = await inside(node, full, "dd", "if=/dev/zero", "of=/root/big", "bs=1M", "count=100");
    expect(outcome.exitCode).not.toBe(0);
    expect(outcome.stderr).toMatch(/quota|space/i);
    const neighbour = await running(2, 64 * MIB);
    expect((await inside(node, neighbour, "dd", "if=/dev/zero", "of=/root/x", "bs=1M", "count=20")).exitCode).toBe(0);
    await agent.delete(placed(full, "d"), never);
    await agent.delete(placed(neighbour, "d"), never);
  });

  it("is counted, and its space comes back when it is deleted", async () => {
    const vpsId = await running(3, 128 * MIB);
    await inside(node, vpsId, "sh", "-c", "dd if=/dev/urandom of=/root/x bs=1M count=30; sync");
    const [status] = await agent.list();
    expect(status?.diskUsedBytes).toBeGreaterThan(30 * MIB);
    await agent.delete(placed(vpsId, "d"), never);
    expect(await leftovers(node, vpsId)).toEqual([]);
    expect(await quotaGroups(node)).toBe(1);
    const { pool } = await node.engine.storage.usage();
    expect(pool.usedBytes).toBeLessThan(30 * MIB);
  });

  it("is counted whole while others have the pool written out", async () => {
    const vpsId = await running(8, 256 * MIB);
    const others = spawn("sh", ["-c", `while sync -f ${node.layout.poolDir}; do sleep 0.01; done`], {
      stdio: "ignore",
    });
    try {
      for (let round = 0; round < 40; round++) {
        await inside(node, vpsId, "sh", "-c", "rm -f /held; dd if=/dev/zero of=/held bs=1M count=40");
        expect(await node.engine.storage.areaUsed(vpsIdSchema.parse(vpsId))).toBeGreaterThanOrEqual(40 * MIB);
      }
    } finally {
      others.kill("SIGKILL");
    }
    await agent.delete(placed(vpsId, "d"), never);
  });

  it("leaves the counts of the others right when it is deleted, however fast one follows another", async () => {
    for (let round = 0; round < 6; round++) {
      const vpsId = await running(10 + round, 64 * MIB);
      await inside(node, vpsId, "sh", "-c", "echo something > /held");
      await agent.delete(placed(vpsId, "d"), never);
    }
    expect(await countsAreInconsistent()).toBe(false);
  });

  it("is counted again, and held to its limit, after the kernel has given up counting", async () => {
    const vpsId = await running(9, 64 * MIB);
    const { poolDir } = node.layout;
    const [area, copy] = [join(poolDir, vpsId), join(poolDir, "copy")];
    await inside(node, vpsId, "sh", "-c", "dd if=/dev/zero of=/root/shared bs=1M count=4; sync");
    // A group of groups whose members share something, and were not counted anew for it.
    await btrfs("subvolume", "snapshot", area, copy);
    await btrfs("qgroup", "create", "1/0", poolDir);
    const id = await btrfs("inspect-internal", "rootid", area);
    await btrfs("qgroup", "assign", "--no-rescan", `0/${id.trim()}`, "1/0", poolDir);
    expect(await countsAreInconsistent()).toBe(true);
    await node.engine.storage.usage();
    await expect.poll(countsAreInconsistent, { timeout: 20_000 }).toBe(false);
    const outcome = await inside(node, vpsId, "dd", "if=/dev/zero", "of=/root/big", "bs=1M", "count=100");
    expect(outcome.stderr).toMatch(/quota/i);
    expect(await node.engine.storage.areaUsed(vpsIdSchema.parse(vpsId))).toBeGreaterThan(48 * MIB);
    await btrfs("subvolume", "delete", copy);
    await agent.delete(placed(vpsId, "d"), never);
    await btrfs("qgroup", "destroy", "1/0", poolDir);
  });

  it("is refused when the pool has not that much free, and nothing is left of the attempt", async () => {
    const { bavail, bsize } = await statfs(node.layout.poolDir);
    const input = node.creation(4, { "disk.max": bavail * bsize + MIB });
    await expect(agent.create(input, never)).rejects.toMatchObject({ code: "pool_full", field: "limits.disk.max" });
    expect(await agent.list()).toEqual([]);
    expect(await leftovers(node, input.vpsId)).toEqual([]);
  });

  it("says pool_full for the kernel's own refusal too", async () => {
    const name = "a-name-of-16-char";
    await expect(native(["area-create", node.layout.poolDir, name, "1"])).rejects.toMatchObject({
      code: "engine_failed",
    });
  });
});

describe("a reboot", () => {
  it("takes the mounts, not the data: the pool is attached again and the VPS starts with what it had", async () => {
    const input = node.creation(5);
    const { vpsId } = input;
    await running(5, 64 * MIB);
    await inside(node, vpsId, "sh", "-c", "echo survived > /var/www/kept; sync");
    await agent.stop({ ...placed(vpsId, "x"), graceMs: 0 }, never);
    await agent.close();
    await native(["root-unmount", node.layout.mountDir(vpsId)]);
    await detachPool(node.layout);
    expect(isAttached(node.layout)).toBe(false);

    agent = await node.boot();
    expect(await agent.list()).toMatchObject([{ vpsId, state: "stopped", reason: null }]);
    await agent.start(placed(vpsId, "s2"), never);
    await visitUntilAnswered(input.spec.address);
    expect(await visit(input.spec.address, "/kept")).toBe("survived\n");
    await agent.delete(placed(vpsId, "d"), never);
  });

  it("leaves a VPS broken, with the reason, when its private area is gone", async () => {
    const input = node.creation(6);
    await agent.create(input, never);
    await node.engine.storage.removeArea(input.vpsId);
    expect(await agent.list()).toMatchObject([
      { state: "broken", reason: "Its private area is missing from the pool." },
    ]);
    await expect(agent.start(placed(input.vpsId, "s"), never)).rejects.toMatchObject({ code: "engine_failed" });
    await agent.delete(placed(input.vpsId, "d"), never);
    expect(await agent.list()).toEqual([]);
  });
});
