/** Every operation by its kind; a kind without one fails to compile. */
import type { JobKind } from "@muster/model/job";
import { createVps } from "./create-vps.ts";
import { deleteVps } from "./delete-vps.ts";
import { importTemplate } from "./import-template.ts";
import type { Operation } from "./operation.ts";
import { restartVps } from "./restart-vps.ts";
import { startVps } from "./start-vps.ts";
import { stopVps } from "./stop-vps.ts";

export const OPERATIONS = {
  "vps.create": createVps,
  "vps.start": startVps,
  "vps.stop": stopVps,
  "vps.restart": restartVps,
  "vps.delete": deleteVps,
  "template.import": importTemplate,
} as const satisfies Record<JobKind, Operation>;
