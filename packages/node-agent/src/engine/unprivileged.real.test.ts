/** The walls of a VPS, tried from inside as its root, and read from outside in /proc. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createTrialNode, inside, type TrialNode } from "../trial/trial-node.ts";
import type { Placements } from "../vps/placements.ts";
import { run } from "./exec.ts";

const never = new AbortController().signal;
/** Bits of CapEff (linux/capability.h). */
const SYS_MODULE = 16n;
const SYS_PTRACE = 19n;
const SYS_ADMIN = 21n;
const BPF = 39n;

let node: TrialNode;
let agent: Placements;
let vpsId = "";
let pid = 0;

beforeAll(async () => {
  node = await createTrialNode();
  agent = await node.boot();
  const input = node.creation(1);
  vpsId = input.vpsId;
  await agent.create(input, never);
  await agent.start({ vpsId, epoch: 1, key: "s" }, never);
  pid = (await agent.mustRun(vpsId)).pid;
});
afterAll(async () => {
  await agent?.close();
  await node?.clean();
});

const guest = (script: string) => inside(node, vpsId, "sh", "-c", script);

async function status(field: string): Promise<string> {
  const text = await readFile(`/proc/${pid}/status`, "utf8");
  return new RegExp(`^${field}:\\s+(.*)$`, "m").exec(text)?.[1] ?? "";
}

describe("an unprivileged VPS", () => {
  it("has a root that is nobody on the host", async () => {
    const [uid] = (await status("Uid")).split("\t");
    expect(Number(uid)).toBeGreaterThanOrEqual(0x7000_0000);
    expect((await readFile(`/proc/${pid}/uid_map`, "utf8")).trim().split(/\s+/)).toEqual(["0", uid, "65536"]);
    expect((await readFile(`/proc/${pid}/gid_map`, "utf8")).trim().split(/\s+/)).toEqual(["0", uid, "65536"]);
  });

  it("has none of the capabilities that reach over its edge, and cannot get them", async () => {
    for (const field of ["CapEff", "CapPrm", "CapBnd"]) {
      const set = BigInt(`0x${await status(field)}`);
      for (const bit of [SYS_MODULE, SYS_PTRACE, SYS_ADMIN, BPF]) expect(set & (1n << bit)).toBe(0n);
    }
  });

  it("may mark programs setuid, which are for nobody else on the host", async () => {
    const script = "cp /bin/busybox /bin/suid && chown root /bin/suid && chmod 4755 /bin/suid";
    expect((await guest(script)).exitCode).toBe(0);
    for (const path of [node.layout.rootfs(vpsId), join(node.layout.poolDir, vpsId, "upper")]) {
      const args = ["-u", "nobody", "--", join(path, "bin/suid")];
      const outcome = await run({ program: "runuser", args, timeoutMs: 5000 });
      expect(outcome.stderr).toContain("Permission denied");
    }
  });

  it("runs behind a seccomp filter", async () => {
    expect(await status("Seccomp")).toBe("2");
  });

  it.each([
    ["mount a file system", "mount -t tmpfs none /mnt"],
    ["mount over its masked paths", "mount --bind /etc /proc/acpi"],
    ["unmount what is masked", "umount /proc/keys"],
    ["make a device", "mknod /root/disk b 8 0"],
    ["make users of its own", "unshare -U true"],
    ["change the host's settings", "echo 1 > /proc/sys/kernel/panic"],
    ["press the host's keys", "echo h > /proc/sysrq-trigger"],
    ["set the clock", "! date -s 2001-01-01 2>&1 | grep -q permitted"],
    ["take a host's address file", "echo 1 > /sys/class/net/lo/mtu"],
    ["read the host's keys", "grep . /proc/keys"],
    ["open the kernel's memory", "head -c 1 /proc/kcore"],
    ["leave its cgroup's limits", "echo -1 > /sys/fs/cgroup/memory/memory.limit_in_bytes"],
  ])("cannot %s", async (_what, script) => {
    expect((await guest(script)).exitCode).not.toBe(0);
  });

  it("sees its own processes and interfaces only", async () => {
    expect(Number((await guest("ps | wc -l")).stdout)).toBeLessThan(10);
    expect((await guest("ls /sys/class/net")).stdout.trim().split(/\s+/).sort()).toEqual(["eth0", "lo"]);
  });

  it("is root at home: users, files, its own network", async () => {
    const script =
      "chown nobody /root && su nobody -s /bin/sh -c id && ip addr add 192.0.2.1/32 dev lo && ping -c1 -W1 192.0.2.1";
    const outcome = await guest(script);
    expect(outcome.stdout).toContain("uid=65534(nobody)");
    expect(outcome.exitCode).toBe(0);
  });

  it("cannot have more processes than it was given", async () => {
    const outcome = await guest("for i in $(seq 200); do sleep 1 & done; true");
    expect(outcome.stderr).toMatch(/fork/);
  });

  it("dies alone when it uses more memory than it was given", async () => {
    const outcome = await guest("head -c 100m /dev/zero | tail");
    expect(outcome.exitCode).not.toBe(0);
    expect((await agent.mustRun(vpsId)).pid).toBe(pid);
  });
});
