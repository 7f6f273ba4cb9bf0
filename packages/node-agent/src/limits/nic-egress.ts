import type { LimitDriver } from "./driver.ts";

export const nicEgressDriver: LimitDriver<number | null> = {
  place: "link",
  bornOpen: true,
  probe: ({ network }) => network.findRate("egress"),
  apply: ({ network }, { vpsId, limits }) => network.setRate(vpsId, "egress", limits["nic.egress"]),
  read: ({ network }, { vpsId }) => network.readRate(vpsId, "egress"),
};
