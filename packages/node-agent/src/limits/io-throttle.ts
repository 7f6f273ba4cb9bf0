/**
 * The four io.* limits are one mechanism: a figure for the pool's block device in a file of blkio (v1) or a word of
 * io.max (v2). cgroup-v1/blkio-controller.rst, throttling; cgroup-v2.rst, io.max
 *
 * Tried on 6.18 with v1 and btrfs on a loop device: reads, direct writes and writes that are waited for (fsync) keep to
 * the figure within 5 %; what a VPS leaves in the page cache is written later by the kernel's own threads, outside of
 * any VPS, and does not (v1 has no writeback by cgroup). Neighbours' fsyncs are not slowed down, but whoever has the
 * whole pool written down (sync(2) in a guest, the unmounting of a deleted VPS) waits for the held-up writes too.
 */
import type { CgroupFile } from "../engine/ports.ts";
import { can, cannot } from "../inventory/finding.ts";
import type { LimitDriver, Target } from "./driver.ts";

interface Throttle {
  v1: CgroupFile;
  /** Its key in io.max. */
  v2: string;
  /** What of it goes past the figure in v1. */
  v1Gap?: string;
  asked(target: Target): number | null;
}

const V2_MAX = { controller: "blkio", name: "io.max" } as const;

export function ioThrottle({ v1, v2, v1Gap = "", asked }: Throttle): LimitDriver<number | null> {
  return {
    place: "cgroup",
    bornOpen: true,
    probe: async ({ cgroups, storage }) => {
      const file = cgroups.layout === "v2" ? V2_MAX : v1;
      if (!(await cgroups.offers(file))) {
        return cannot(`The kernel has no ${file.name}: it needs CONFIG_BLK_DEV_THROTTLING and the io controller.`);
      }
      const device = await storage.blockDevice();
      if (device === null) return cannot("The pool is not on a block device that the kernel can throttle.");
      return can(`The kernel holds the pool's device ${device} to it${cgroups.layout === "v2" ? "" : v1Gap}.`);
    },
    apply: async ({ cgroups, storage }, target) => {
      const rate = asked(target);
      const file = cgroups.layout === "v2" ? V2_MAX : v1;
      const device = await storage.blockDevice();
      if (device === null || (rate === null && !(await cgroups.offers(file)))) return;
      const text = cgroups.layout === "v2" ? `${device} ${v2}=${rate ?? "max"}` : `${device} ${rate ?? 0}`;
      await cgroups.write(target.vpsId, file, text);
    },
    read: async ({ cgroups, storage }, { vpsId }) => {
      const file = cgroups.layout === "v2" ? V2_MAX : v1;
      const device = await storage.blockDevice();
      if (device === null || !(await cgroups.offers(file))) return null;
      const line = (await cgroups.read(vpsId, file)).split("\n").find((text) => text.startsWith(`${device} `));
      const figure = cgroups.layout === "v2" ? line?.split(`${v2}=`)[1]?.split(" ")[0] : line?.split(" ")[1];
      return figure === undefined || figure === "max" ? null : Number(figure);
    },
  };
}
