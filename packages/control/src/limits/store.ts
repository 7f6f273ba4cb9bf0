/** Limits in PostgreSQL: changes that are reserved, their history, and their ends. */
import type { Clock } from "../clock.ts";
import type { DatabaseAccess } from "../database-access.ts";
import { type AllocationStore, createAllocationStore } from "./allocation-store.ts";
import { type ChangeStore, createChangeStore } from "./change-store.ts";
import { createNotSetBackStore, type NotSetBackStore } from "./not-set-back-store.ts";
import { createTimedStore, type TimedStore } from "./timed-store.ts";

export interface LimitsStore {
  changes: ChangeStore;
  allocations: AllocationStore;
  timed: TimedStore;
  notSetBack: NotSetBackStore;
}

export function createLimitsStore(access: DatabaseAccess, clock: Clock): LimitsStore {
  return {
    changes: createChangeStore(access, clock),
    allocations: createAllocationStore(access),
    timed: createTimedStore(access),
    notSetBack: createNotSetBackStore(access),
  };
}
