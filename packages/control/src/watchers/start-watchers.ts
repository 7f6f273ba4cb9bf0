/** Every reconciler of a server, set going; each has a file of its own. */
import type { Fleet } from "../fleet.ts";
import type { JobUpkeep } from "../jobs/upkeep.ts";
import type { LimitsStore } from "../limits/store.ts";
import type { MetricsStore } from "../metrics/store.ts";
import type { LeaseStore } from "../nodes/lease-store.ts";
import type { OrphanStore } from "../nodes/orphan-store.ts";
import type { Runner } from "../operations/runner.ts";
import { leasesWatcher } from "./leases.ts";
import { type NodeHealthOptions, nodeHealthWatcher } from "./node-health.ts";
import { orphansWatcher } from "./orphans.ts";
import { partitionsWatcher } from "./partitions.ts";
import { readoptionWatcher } from "./readoption.ts";
import { retentionWatcher } from "./retention.ts";
import { samplesWatcher } from "./samples.ts";
import { stuckJobsWatcher } from "./stuck-jobs.ts";
import { timedChangesWatcher } from "./timed-changes.ts";
import { runWatcher } from "./watcher.ts";

export interface WatchersOptions extends NodeHealthOptions {
  limits: LimitsStore;
  runner: Pick<Runner, "wake">;
  metrics: MetricsStore;
  leases: LeaseStore;
  orphans: OrphanStore;
  orphansEveryMs?: number | undefined;
  upkeep: JobUpkeep;
  keepJobDays: number | undefined;
  /** Null: a person decides what is adopted. */
  readopt: Fleet["vps"]["adopt"] | null;
}

/** @returns when each has ended, after the signal. */
export function startWatchers(options: WatchersOptions): Promise<void>[] {
  const { agents, metrics, upkeep, orphans, readopt, log, clock, signal } = options;
  const watchers = [
    leasesWatcher(options),
    nodeHealthWatcher(options),
    orphansWatcher(options),
    samplesWatcher({ ...options, agentFor: agents.agentFor }),
    partitionsWatcher({ metrics, clock, log }),
    stuckJobsWatcher({ upkeep, log }),
    retentionWatcher({ upkeep, log, signal, jobDays: options.keepJobDays }),
    timedChangesWatcher(options),
    ...(readopt === null ? [] : [readoptionWatcher({ orphans, adopt: readopt, log })]),
  ];
  return watchers.map((watcher) => runWatcher(watcher, { log, signal }));
}
