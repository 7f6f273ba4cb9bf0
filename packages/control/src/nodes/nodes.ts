/** What may be asked of nodes and of what is on them. Removing one and adopting a VPS are jobs, as every change is. */
import type { Fleet } from "../fleet.ts";
import { newJobId } from "../jobs/job-id.ts";
import { newJob } from "../jobs/store.ts";
import type { Log } from "../log.ts";
import { OPERATIONS } from "../operations/registry.ts";
import type { Runner } from "../operations/runner.ts";
import type { OrphanStore } from "./orphan-store.ts";
import type { NodeStore } from "./store.ts";

export interface NodesOptions {
  store: NodeStore;
  orphans: OrphanStore;
  runner: Pick<Runner, "wake">;
  log: Log;
}

export function createNodes({ store, orphans, runner, log }: NodesOptions): Fleet["nodes"] {
  return {
    list: () => store.list(),
    get: (nodeId) => store.get(nodeId),
    orphans: () => orphans.list(),

    async setOvercommit({ nodeId, overcommit, actor }) {
      await store.setOvercommit(nodeId, overcommit);
      log.info({ nodeId, overcommit, actor }, "a node's policy of over-commit was changed");
    },

    async remove({ nodeId, forgetVps, actor, retryOf }) {
      const id = newJobId();
      const kind = "node.remove";
      const input = { nodeId, forgetVps };
      const about = { id, kind, actor, retryOf, nodeId, vpsId: null, vpsName: null, input } as const;
      const job = (nodeName: string) => newJob({ ...about, nodeName }, OPERATIONS[kind].steps);
      await store.close({ nodeId, forgetVps, job });
      runner.wake();
      return { jobId: id };
    },
  };
}

export function createAdopt({ orphans, runner }: Pick<NodesOptions, "orphans" | "runner">): Fleet["vps"]["adopt"] {
  return async ({ nodeId, vpsId, actor, retryOf }) => {
    const id = newJobId();
    const kind = "vps.adopt";
    await orphans.adopt({
      ...{ nodeId, vpsId, actor },
      job: ({ nodeName, report: { spec, mac, generation, status } }) => {
        const input = { nodeId, vpsId, epoch: status.epoch, generation, spec, mac };
        const about = { id, kind, actor, retryOf, nodeId, nodeName, vpsId, vpsName: spec.name, input } as const;
        return newJob(about, OPERATIONS[kind].steps);
      },
    });
    runner.wake();
    return { jobId: id };
  };
}
