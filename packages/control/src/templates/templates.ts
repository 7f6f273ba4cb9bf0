/** Templates of a node. */
import { MusterError } from "@muster/model/errors";
import type { Fleet } from "../fleet.ts";
import { newJobId } from "../jobs/job-id.ts";
import { type JobStore, newJob } from "../jobs/store.ts";
import type { NodeStore } from "../nodes/store.ts";
import { OPERATIONS } from "../operations/registry.ts";
import type { Runner } from "../operations/runner.ts";

export interface TemplatesOptions {
  nodes: NodeStore;
  jobs: JobStore;
  runner: Pick<Runner, "wake">;
}

export function createTemplates({ nodes, jobs, runner }: TemplatesOptions): Fleet["templates"] {
  return {
    async import({ actor, retryOf, ...input }) {
      const node = await nodes.get(input.nodeId);
      if (node.health !== "healthy") {
        throw new MusterError(
          "node_unreachable",
          `Node ${node.name} does not answer. ${node.healthReason ?? ""}`.trim(),
        );
      }
      const id = newJobId();
      const kind = "template.import";
      const about = { id, kind, actor, retryOf, vpsId: null, vpsName: null, input } as const;
      await jobs.add(newJob({ ...about, nodeId: node.id, nodeName: node.name }, OPERATIONS[kind].steps));
      runner.wake();
      return { jobId: id };
    },
  };
}
