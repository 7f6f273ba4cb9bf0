import { MusterError } from "@muster/model/errors";
import { findFile, type LimitDriver } from "./driver.ts";

const MAX = { controller: "pids", name: "pids.max" } as const;
const CURRENT = { controller: "pids", name: "pids.current" } as const;

/** cgroup-v1/pids.rst. Below what it has, the kernel would end nothing, and start nothing either: no shell to mend it. */
export const pidsMaxDriver: LimitDriver<number> = {
  place: "cgroup",
  probe: ({ cgroups }) => findFile(cgroups, MAX, "it needs a kernel with CONFIG_CGROUP_PIDS"),
  check: async ({ cgroups }, { vpsId, limits }) => {
    const current = Number(await cgroups.read(vpsId, CURRENT));
    if (current <= limits["pids.max"]) return;
    const message = `It has ${current} processes and threads now; ${limits["pids.max"]} were asked for.`;
    throw new MusterError("below_use", message, { field: "limits.pids.max" });
  },
  apply: ({ cgroups }, { vpsId, limits }) => cgroups.write(vpsId, MAX, String(limits["pids.max"])),
  read: async ({ cgroups }, { vpsId }) => Number(await cgroups.read(vpsId, MAX)),
};
