import { can, cannot } from "../inventory/finding.ts";
import type { LimitDriver } from "./driver.ts";
import { V1_BOTH, V2_SWAP } from "./memory-max.ts";

/**
 * v1 counts memory and swap together, v2 swap alone. No swap at all can be asked of every node: where it is not
 * counted, there is none or the whole host has it in common, which is how it was before Muster came.
 */
export const memorySwapDriver: LimitDriver<number> = {
  place: "cgroup",
  follows: ["memory.max"],
  probe: async ({ cgroups }) => {
    const file = cgroups.layout === "v2" ? V2_SWAP : V1_BOTH;
    if (!(await cgroups.offers(file))) {
      return cannot(`The kernel does not count swap by cgroup (no ${file.name}): boot the host with swapaccount=1.`);
    }
    const { swapBytes } = await cgroups.divided();
    return swapBytes > 0
      ? can("The host has swap space, and the kernel counts it by cgroup.")
      : cannot("The host has no swap space in use: give it some with mkswap and swapon.");
  },
  apply: async ({ cgroups }, { vpsId, limits }) => {
    const file = cgroups.layout === "v2" ? V2_SWAP : V1_BOTH;
    if (!(await cgroups.offers(file))) return;
    const swap = limits["memory.swap"];
    await cgroups.write(vpsId, file, String(cgroups.layout === "v2" ? swap : limits["memory.max"] + swap));
  },
  read: async ({ cgroups }, { vpsId, limits }) => {
    const file = cgroups.layout === "v2" ? V2_SWAP : V1_BOTH;
    if (!(await cgroups.offers(file))) return 0;
    const bytes = Number(await cgroups.read(vpsId, file));
    return cgroups.layout === "v2" ? bytes : Math.max(0, bytes - limits["memory.max"]);
  },
};
