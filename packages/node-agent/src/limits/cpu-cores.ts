import { findFile, type LimitDriver } from "./driver.ts";

/** 100 ms, the kernel's own default: shorter periods cost more timer work for the same share. */
const PERIOD_US = 100_000;
const V1_QUOTA = { controller: "cpu", name: "cpu.cfs_quota_us" } as const;
const V1_PERIOD = { controller: "cpu", name: "cpu.cfs_period_us" } as const;
const V2_MAX = { controller: "cpu", name: "cpu.max" } as const;

/** Documentation/scheduler/sched-bwc.rst; cgroup-v2.rst, cpu.max */
export const cpuCoresDriver: LimitDriver<number> = {
  place: "cgroup",
  probe: ({ cgroups }) =>
    findFile(cgroups, cgroups.layout === "v2" ? V2_MAX : V1_QUOTA, "it needs a kernel with CONFIG_CFS_BANDWIDTH"),
  apply: async ({ cgroups }, { vpsId, limits }) => {
    const quotaUs = Math.round(limits["cpu.cores"] * PERIOD_US);
    if (cgroups.layout === "v2") return cgroups.write(vpsId, V2_MAX, `${quotaUs} ${PERIOD_US}`);
    await cgroups.write(vpsId, V1_PERIOD, String(PERIOD_US));
    await cgroups.write(vpsId, V1_QUOTA, String(quotaUs));
  },
  read: async ({ cgroups }, { vpsId }) => {
    if (cgroups.layout === "v2") {
      const [quotaUs, periodUs] = (await cgroups.read(vpsId, V2_MAX)).split(" ").map(Number);
      return Number(quotaUs) / Number(periodUs);
    }
    return Number(await cgroups.read(vpsId, V1_QUOTA)) / Number(await cgroups.read(vpsId, V1_PERIOD));
  },
};
