/** The stores of the control plane, each the only one that asks its noun's tables. */
import type { Clock } from "./clock.ts";
import type { DatabaseAccess } from "./database-access.ts";
import { createJobRequests } from "./jobs/requests.ts";
import { createJobStore } from "./jobs/store.ts";
import { createJobUpkeep } from "./jobs/upkeep.ts";
import { createLimitsStore } from "./limits/store.ts";
import { createMetricsStore } from "./metrics/store.ts";
import { createLeaseStore } from "./nodes/lease-store.ts";
import { createOrphanStore } from "./nodes/orphan-store.ts";
import { createNodeStore } from "./nodes/store.ts";
import { createPlacementStore } from "./placement/store.ts";
import { createTokenStore } from "./tokens/store.ts";
import { createVpsStore } from "./vps/store.ts";

/** @param me this server's incarnation. */
export function createStores(access: DatabaseAccess, { clock, me }: { clock: Clock; me: string }) {
  return {
    nodes: createNodeStore(access, clock),
    leases: createLeaseStore(access, me),
    orphans: createOrphanStore(access),
    tokens: createTokenStore(access, clock),
    vps: createVpsStore(access, clock),
    placement: createPlacementStore(access, clock),
    limits: createLimitsStore(access, clock),
    jobs: createJobStore(access),
    requests: createJobRequests(access),
    upkeep: createJobUpkeep(access),
    metrics: createMetricsStore(access),
  };
}
export type Stores = ReturnType<typeof createStores>;
