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
    async import({ actor, ...input }) {
      const node = await nodes.get(input.nodeId);
      if (node.health !== "healthy") {
        throw new MusterError(
          "node_unreachable",
          `Node ${node.name} does not answer. ${node.healthReason ?? ""}`.trim(),
        );
      }
      const id = newJobId();
      const kind = "template.import";
      const { steps } = OPERATIONS[kind];
      await jobs.add(
        newJob({ id, kind, actor, nodeId: node.id, nodeName: node.name, vpsId: null, vpsName: null, input }, steps),
      );
      runner.wake();
      return { jobId: id };
    },
  };
}
