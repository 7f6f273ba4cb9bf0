/** What a probe is told, and what it answers. */
import type { Capability, NodeInventory } from "@muster/model/node";
import type { Host } from "./host.ts";

export interface ProbeFacts {
  host: Host;
  cgroupLayout: NodeInventory["cgroupLayout"];
  kernel: string;
  /** Path or name of CRIU; null where none was found. */
  criu: string | null;
}

export type Finding = Omit<Capability, "name">;
export const can = (detail: string): Finding => ({ available: true, detail });
export const cannot = (detail: string): Finding => ({ available: false, detail });
