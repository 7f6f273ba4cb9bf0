/** Jobs by the names that people read: one table, so that a button, the history and a refusal say the same. */
import type { JobKind } from "./job.ts";

export const KIND_TITLE = {
  "vps.create": "Create VPS",
  "vps.start": "Start VPS",
  "vps.stop": "Stop VPS",
  "vps.restart": "Restart VPS",
  "vps.delete": "Delete VPS",
  "vps.setLimits": "Set limits",
  "vps.rename": "Rename VPS",
  "vps.adopt": "Adopt VPS",
  "template.import": "Import template",
  "node.enrol": "Enrol node",
  "node.remove": "Remove node",
} as const satisfies Record<JobKind, string>;

interface Holder {
  jobId: string;
  operation: JobKind;
}

/**
 * What whoever has to wait for a job is told.
 * @param on the VPS or node by its name; left out where the reader is looking at it.
 */
export function underWay({ jobId, operation }: Holder, on?: string): string {
  return `${KIND_TITLE[operation]} is under way${on === undefined ? "" : ` on ${on}`} (job ${jobId}).`;
}
