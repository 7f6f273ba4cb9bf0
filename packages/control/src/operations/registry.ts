/** Every operation by its kind; a kind without one fails to compile. */
import type { JobKind } from "@muster/model/job";
import { adoptVps } from "./adopt-vps.ts";
import { createVps } from "./create-vps.ts";
import { deleteVps } from "./delete-vps.ts";
import { enrolNode } from "./enrol-node.ts";
import { importTemplate } from "./import-template.ts";
import type { Operation } from "./operation.ts";
import { removeNode } from "./remove-node.ts";
import { renameVps } from "./rename-vps.ts";
import { restartVps } from "./restart-vps.ts";
import { setLimits } from "./set-limits.ts";
import { startVps } from "./start-vps.ts";
import { stopVps } from "./stop-vps.ts";

export const OPERATIONS = {
  "vps.create": createVps,
  "vps.start": startVps,
  "vps.stop": stopVps,
  "vps.restart": restartVps,
  "vps.delete": deleteVps,
  "vps.adopt": adoptVps,
  "vps.setLimits": setLimits,
  "vps.rename": renameVps,
  "template.import": importTemplate,
  "node.enrol": enrolNode,
  "node.remove": removeNode,
} as const satisfies Record<JobKind, Operation>;
