/** Keeps this server's share of the nodes: renews its leases, takes what nobody follows, evens the shares. */
import type { LeaseStore } from "../nodes/lease-store.ts";
import type { Watcher } from "./watcher.ts";

export function leasesWatcher({ leases }: { leases: LeaseStore }): Watcher {
  return {
    name: "leases",
    everyMs: 1_000,
    async round() {
      await leases.keep();
      await leases.even();
    },
  };
}
