import { MusterError } from "@muster/model/errors";
import { formatCpus, parseCpus } from "@muster/model/limits/cpu-pinning";
import { findFile, type LimitDriver } from "./driver.ts";

const CPUS = { controller: "cpuset", name: "cpuset.cpus" } as const;

/**
 * The CPUs of a cgroup hold those of its children (v1 refuses what would not fit): so there all of them are widened to
 * the old and the new first, from the top, then narrowed to the new, from the bottom. Running processes move at once.
 *
 * Documentation/admin-guide/cgroup-v1/cpusets.rst; cgroup-v2.rst, cpuset.cpus
 */
export const cpuPinningDriver: LimitDriver<number[] | null> = {
  place: "cgroup",
  bornOpen: true,
  probe: ({ cgroups }) => findFile(cgroups, CPUS, "it needs a kernel with CONFIG_CPUSETS, and the controller in use"),
  mustBeThere: async ({ cgroups }, limits) => {
    const asked = limits["cpu.pinning"];
    const { cpus } = await cgroups.divided();
    const missing = asked?.filter((cpu) => !cpus.includes(cpu)) ?? [];
    if (missing.length === 0) return;
    throw new MusterError("unsupported", `The node has the CPUs ${formatCpus(cpus)}, and not ${formatCpus(missing)}.`, {
      field: "limits.cpu.pinning",
    });
  },
  apply: async ({ cgroups }, { vpsId, limits }) => {
    const asked = limits["cpu.pinning"];
    if (asked === null && !(await cgroups.offers(CPUS))) return;
    const { cpus } = await cgroups.divided();
    const before = parseCpus(await cgroups.read(vpsId, CPUS)) ?? [];
    const after = asked ?? cpus;
    const both = [...new Set([...before, ...after])].sort((one, other) => one - other);
    await cgroups.writeBelow(vpsId, CPUS, { text: formatCpus(both), order: "from the top" });
    if (both.length !== after.length) {
      await cgroups.writeBelow(vpsId, CPUS, { text: formatCpus(after), order: "from the bottom" });
    }
  },
  read: async ({ cgroups }, { vpsId, limits }) => {
    if (!(await cgroups.offers(CPUS))) return null;
    const { cpus } = await cgroups.divided();
    const found = parseCpus(await cgroups.read(vpsId, CPUS)) ?? cpus;
    const all = formatCpus(found) === formatCpus(cpus);
    return all && limits["cpu.pinning"] === null ? null : found;
  },
};
