import type { LimitDriver } from "./driver.ts";

export const nicIngressDriver: LimitDriver<number | null> = {
  place: "link",
  bornOpen: true,
  probe: ({ network }) => network.findRate("ingress"),
  apply: ({ network }, { vpsId, limits }) => network.setRate(vpsId, "ingress", limits["nic.ingress"]),
  read: ({ network }, { vpsId }) => network.readRate(vpsId, "ingress"),
};
