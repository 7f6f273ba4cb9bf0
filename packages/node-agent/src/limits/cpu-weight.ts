import { weightOf } from "@muster/model/limits/cpu-weight";
import type { Limits } from "@muster/model/limits/registry";
import { findFile, type LimitDriver } from "./driver.ts";

const V1_SHARES = { controller: "cpu", name: "cpu.shares" } as const;
const V2_WEIGHT = { controller: "cpu", name: "cpu.weight" } as const;
/** Weight 100 is 1024 shares: both are the kernel's initial values. */
const INITIAL_WEIGHT = 100;
const INITIAL_SHARES = 1024;

/** 2 to 262,144 (kernel/sched/sched.h, MIN_SHARES and MAX_SHARES). */
function sharesOf(limits: Limits): number {
  return Math.max(2, Math.round((weightOf(limits) * INITIAL_SHARES) / INITIAL_WEIGHT));
}

export const cpuWeightDriver: LimitDriver<number | null> = {
  place: "cgroup",
  follows: ["cpu.cores"],
  probe: ({ cgroups }) =>
    findFile(
      cgroups,
      cgroups.layout === "v2" ? V2_WEIGHT : V1_SHARES,
      "it needs a kernel with CONFIG_FAIR_GROUP_SCHED",
    ),
  apply: ({ cgroups }, { vpsId, limits }) =>
    cgroups.layout === "v2"
      ? cgroups.write(vpsId, V2_WEIGHT, String(Math.round(weightOf(limits))))
      : cgroups.write(vpsId, V1_SHARES, String(sharesOf(limits))),
  read: async ({ cgroups }, { vpsId, limits }) => {
    const v2 = cgroups.layout === "v2";
    const found = Number(await cgroups.read(vpsId, v2 ? V2_WEIGHT : V1_SHARES));
    const asked = v2 ? Math.round(weightOf(limits)) : sharesOf(limits);
    if (found === asked) return limits["cpu.weight"];
    return v2 ? found : Math.max(1, Math.round((found * INITIAL_WEIGHT) / INITIAL_SHARES));
  },
};
