/** The placements of a node: the four things done with a VPS, each once per key, one at a time per VPS. */
import type { CreateVps, DeleteVps, ImportTemplate, StartVps, StopVps } from "@muster/agent-api/agent";
import type { VpsId } from "@muster/model/ids";
import type { Template } from "@muster/model/node";
import type { PlacementStatus } from "@muster/model/vps";
import type { Templates } from "../agent.ts";
import type { Engine } from "../engine/ports.ts";
import type { Run } from "./placement.ts";

export interface Placements {
  list(): Promise<PlacementStatus[]>;
  create(input: CreateVps, signal: AbortSignal): Promise<PlacementStatus>;
  start(input: StartVps, signal: AbortSignal): Promise<PlacementStatus>;
  stop(input: StopVps, signal: AbortSignal): Promise<PlacementStatus>;
  delete(input: DeleteVps, signal: AbortSignal): Promise<void>;
  importTemplate(input: ImportTemplate, signal: AbortSignal): Promise<Template>;
  /** A status at every change, guests that die by themselves included. */
  watch(signal: AbortSignal): AsyncIterable<PlacementStatus>;
  /** not_found, state_conflict */
  mustRun(vpsId: VpsId): Promise<Run>;
  /** Those that ran when last looked at, a second ago at most; no I/O. */
  running(): readonly Run[];
  /** Stops looking; the VPSs go on. */
  close(): Promise<void>;
}

export interface PlacementParts {
  engine: Engine;
  templates: Templates;
  /** Where the journal is kept: placements, epochs, answers of finished keys. */
  journalDir: string;
  /** The node's own network: an address outside it is refused here too. */
  network: { network: string; gateway: string };
  /** What recovery and the exit watcher have to tell. */
  log: (event: { level: "info" | "warn" | "error"; message: string; vpsId?: VpsId; error?: unknown }) => void;
}

/** Reads the journal, finishes or removes what a crash left half-made, and goes on looking after what runs. */
export declare function openPlacements(parts: PlacementParts): Promise<Placements>;
