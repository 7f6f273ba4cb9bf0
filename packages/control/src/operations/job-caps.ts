/**
 * How many jobs of a kind may be at work on one node at once, over all servers. A node's agent does a VPS's calls one
 * by one and several VPSs' at once; four keep its disk and its cores busy, more only make each of them slower.
 * An import unpacks gigabytes: one at a time.
 */
import type { JobKind } from "@muster/model/job";

export const JOB_CAPS = {
  "vps.create": 4,
  "vps.start": 4,
  "vps.stop": 4,
  "vps.restart": 4,
  "vps.delete": 4,
  "vps.setLimits": 4,
  "vps.rename": 4,
  "vps.adopt": 4,
  "template.import": 1,
  "node.enrol": 1,
  "node.remove": 1,
} as const satisfies Record<JobKind, number>;
