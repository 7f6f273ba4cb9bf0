/** For tests: a job of which only what the test is about is said. */
import type { Job } from "@muster/model/job";

export function exampleJob(change: Partial<Job> = {}): Job {
  return {
    id: "j0000000001",
    kind: "vps.create",
    state: "succeeded",
    actor: "ada@example.org",
    nodeId: "n0000000001",
    nodeName: "atlas",
    vpsId: "v0000000001",
    vpsName: "web-1",
    steps: [],
    error: null,
    advice: null,
    progress: null,
    committed: false,
    cancelRequested: false,
    cancelledBy: null,
    resumedBy: null,
    resumedAt: null,
    retryOf: null,
    createdAt: "2026-11-22T16:00:00.000Z",
    startedAt: null,
    endedAt: null,
    ...change,
  };
}

export function exampleStep(index: number, change: Partial<Job["steps"][number]> = {}): Job["steps"][number] {
  return {
    index,
    name: `step-${index}`,
    title: `Step ${index + 1}`,
    state: "waiting",
    startedAt: null,
    endedAt: null,
    error: null,
    output: null,
    ...change,
  };
}
