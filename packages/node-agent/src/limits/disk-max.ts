import { MusterError } from "@muster/model/errors";
import { formatBytes } from "@muster/model/units";
import { can } from "../inventory/finding.ts";
import type { LimitDriver } from "./driver.ts";

/** The quota group of the private area: btrfs holds it whether the VPS runs or not. */
export const diskMaxDriver: LimitDriver<number> = {
  place: "area",
  probe: async () => can("The pool is a btrfs with quota groups."),
  check: async ({ storage }, { vpsId, limits }, before) => {
    const bytes = limits["disk.max"];
    if (bytes >= before["disk.max"]) return storage.mustHaveRoom(bytes - before["disk.max"]);
    const used = await storage.areaUsed(vpsId);
    if (used <= bytes) return;
    const message = `It uses ${formatBytes(used)} of its disk now; ${formatBytes(bytes)} were asked for.`;
    throw new MusterError("below_use", message, { field: "limits.disk.max" });
  },
  apply: ({ storage }, { vpsId, limits }) => storage.setAreaLimit(vpsId, limits["disk.max"]),
  read: ({ storage }, { vpsId }) => storage.readAreaLimit(vpsId),
};
