/** For tests: a VPS that runs. */
import { limitsWith } from "@muster/model/limits/registry";
import type { Vps } from "@muster/model/vps";

export function exampleVps(change: Partial<Vps> = {}): Vps {
  return {
    id: "v0000000001",
    nodeId: "n0000000001",
    nodeName: "atlas",
    simulated: false,
    spec: { name: "web", template: "busybox", address: "10.80.0.10", limits: limitsWith() },
    mac: "02:00:0a:50:00:0a",
    generation: 1,
    epoch: 1,
    state: "running",
    stateReason: null,
    status: null,
    holdingJob: null,
    createdAt: "2026-11-22T16:00:00.000Z",
    ...change,
  };
}
