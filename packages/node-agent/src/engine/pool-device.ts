/** Which block device the pool is on: what the kernel throttles, and counts by, is a whole device, not a partition. */
import { existsSync } from "node:fs";
import { readFile, readlink, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

/** "7:0" of /dev/loop0, "8:0" of /dev/sda3; null when nothing is mounted there from a block device. */
export async function blockDeviceUnder(directory: string, mountinfo = "/proc/self/mountinfo"): Promise<string | null> {
  const source = sourceOf(directory, await readFile(mountinfo, "utf8"));
  if (source === null) return null;
  const facts = await stat(source).catch(() => null);
  if (facts === null || !facts.isBlockDevice()) return null;
  return wholeDevice(numbersOf(facts.rdev));
}

/** man 5 proc_pid_mountinfo: after the " - " come the type and the source. btrfs has no device number of its own there. */
export function sourceOf(directory: string, mountinfo: string): string | null {
  for (const line of mountinfo.split("\n").toReversed()) {
    const [before = "", after = ""] = line.split(" - ");
    if (before.split(" ")[4] === directory) return after.split(" ")[1] ?? null;
  }
  return null;
}

/** gnu_dev_major and gnu_dev_minor of glibc (sys/sysmacros.h), for the numbers that fit in 32 bits. */
function numbersOf(rdev: number): string {
  return `${(rdev >>> 8) & 0xfff}:${(rdev & 0xff) | ((rdev >>> 12) & 0xfff00)}`;
}

async function wholeDevice(numbers: string): Promise<string> {
  const entry = join("/sys/dev/block", numbers);
  if (!existsSync(join(entry, "partition"))) return numbers;
  const disk = basename(dirname(await readlink(entry)));
  return (await readFile(`/sys/class/block/${disk}/dev`, "utf8")).trim();
}
