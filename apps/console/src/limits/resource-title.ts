import type { SharedResource } from "@muster/model/limits/limit";

export const RESOURCE_TITLE = {
  cpu: "CPU",
  memory: "Memory",
  disk: "Disk",
} as const satisfies Record<SharedResource, string>;
