/** The pool on a block device that the operator named: his data is not ours to wipe. */
import { mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { sweep, TRIAL_PREFIX } from "../trial/trial-node.ts";
import { run, runOk } from "./exec.ts";
import { type Layout, layoutOf } from "./layout.ts";
import { attachPool, detachPool, isAttached } from "./pool.ts";

const SIZE_BYTES = 256 * 1024 * 1024;
let layout: Layout;
let device = "";

beforeEach(async () => {
  await sweep();
  layout = layoutOf(await mkdtemp(join(tmpdir(), `${TRIAL_PREFIX}${process.pid}-`)));
  const image = join(layout.agentDir, "device.img");
  const file = await open(image, "w");
  await file.truncate(SIZE_BYTES);
  await file.close();
  device = (await runOk({ program: "losetup", args: ["--find", "--show", image], timeoutMs: 10_000 })).trim();
});
afterEach(async () => {
  await detachPool(layout);
  await run({ program: "losetup", args: ["--detach", device], timeoutMs: 10_000 });
  await rm(layout.agentDir, { recursive: true });
});

const content = () => run({ program: "blkid", args: ["-p", "-o", "value", "-s", "TYPE", device], timeoutMs: 10_000 });

describe("a pool on a device", () => {
  it("is made where the device is empty, with quotas, and attached again with what it held", async () => {
    await attachPool(layout, { device, imageBytes: 0 });
    expect(isAttached(layout)).toBe(true);
    await runOk({ program: "btrfs", args: ["qgroup", "show", layout.poolDir], timeoutMs: 10_000 });
    const file = await open(join(layout.poolDir, "kept"), "w");
    await file.close();
    await detachPool(layout);
    await attachPool(layout, { device, imageBytes: 0 });
    await runOk({ program: "test", args: ["-f", join(layout.poolDir, "kept")], timeoutMs: 10_000 });
  });

  it("is refused where the device holds another file system, which stays as it was", async () => {
    await runOk({ program: "mkfs.ext4", args: ["-q", device], timeoutMs: 20_000 });
    await expect(attachPool(layout, { device, imageBytes: 0 })).rejects.toMatchObject({ code: "unsupported" });
    expect((await content()).stdout.trim()).toBe("ext4");
  });

  it("is refused where there is no such device", async () => {
    const nowhere = { device: "/dev/muster-nowhere", imageBytes: 0 };
    await expect(attachPool(layout, nowhere)).rejects.toMatchObject({ code: "unsupported" });
  });
});
