/** The placements of a node: the five things done with a VPS, each once per key, one at a time per VPS. */
import type {
  ConfigureVps,
  CreateVps,
  DeleteVps,
  ImportTemplate,
  PlacementReport,
  StartVps,
  StopVps,
} from "@muster/agent-api/agent";
import { MusterError } from "@muster/model/errors";
import type { VpsId } from "@muster/model/ids";
import type { Progress } from "@muster/model/job";
import type { LimitName, LimitsChange } from "@muster/model/limits/registry";
import { type LimitFinding, type Template, templateSchema } from "@muster/model/node";
import { type PlacementStatus, placementStatusSchema } from "@muster/model/vps";
import { z } from "zod";
import type { Templates } from "../agent.ts";
import type { Engine } from "../engine/ports.ts";
import { createLimiter } from "../limits/limiter.ts";
import { openBook } from "./book.ts";
import { configureVps } from "./configure.ts";
import { createVps } from "./create.ts";
import { deleteVps, forget } from "./delete.ts";
import { type Desk, look, placementOrThrow } from "./desk.ts";
import { watchExits } from "./exits.ts";
import { createKeyed } from "./keyed.ts";
import { createLanes } from "./lanes.ts";
import type { Run } from "./placement.ts";
import { readLimits } from "./read-limits.ts";
import { recover } from "./recover.ts";
import { startVps } from "./start.ts";
import { createStatuses } from "./statuses.ts";
import { stopVps } from "./stop.ts";

export type Log = (event: {
  level: "info" | "warn" | "error";
  message: string;
  vpsId?: VpsId;
  error?: unknown;
}) => void;

export interface Placements {
  list(): Promise<PlacementStatus[]>;
  create(input: CreateVps, signal: AbortSignal): Promise<PlacementStatus>;
  start(input: StartVps, signal: AbortSignal): Promise<PlacementStatus>;
  stop(input: StopVps, signal: AbortSignal): Promise<PlacementStatus>;
  delete(input: DeleteVps, signal: AbortSignal): Promise<void>;
  importTemplate(input: ImportTemplate, signal: AbortSignal): Promise<Template>;
  configure(input: ConfigureVps, signal: AbortSignal): Promise<PlacementStatus>;
  readLimits(vpsId: VpsId, names?: readonly LimitName[]): Promise<LimitsChange>;
  /** Of the call with this key, while it is under way. */
  progress(key: string): Progress | null;
  /** Which limits this node can hold. */
  findLimits(): Promise<LimitFinding[]>;
  reports(): Promise<PlacementReport[]>;
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
  log: Log;
}

/** Prepares the engine, reads the journal, finishes or removes what a crash left half-made, and goes on looking. */
export async function openPlacements(parts: PlacementParts): Promise<Placements> {
  const { engine, templates, network, log } = parts;
  const nowMs = () => engine.clock.nowMs();
  await engine.storage.prepare();
  await engine.network.prepare();
  const book = await openBook(parts.journalDir, nowMs());
  const limiter = createLimiter(engine, nowMs);
  const statuses = createStatuses(book, nowMs);
  const desk: Desk = { engine, limiter, book, statuses, runs: new Map(), unsure: new Set(), endings: new Map() };
  await recover(desk, log);
  const keyed = createKeyed(book, nowMs);
  const lanes = createLanes();
  const progress = new Map<string, Progress>();
  const exits = watchExits(desk, lanes, log);

  async function list(): Promise<PlacementStatus[]> {
    const { areas } = await engine.storage.usage();
    const found = await Promise.all(book.placements().map(({ vpsId }) => look(desk, vpsId, areas)));
    return found.filter((status) => status !== null);
  }
  function placed(name: string, input: CreateVps | StartVps | StopVps | ConfigureVps) {
    return { name, key: input.key, vpsId: input.vpsId, schema: placementStatusSchema };
  }
  return {
    list,
    create: (input, signal) =>
      keyed.once(placed("createVps", input), () =>
        lanes.run(input.vpsId, async () =>
          createVps({ desk, lanes, network, templates: await templates.list() }, input, signal),
        ),
      ),
    start: (input, signal) =>
      keyed.once(placed("startVps", input), () => lanes.run(input.vpsId, () => startVps(desk, input, signal))),
    stop: (input, signal) =>
      keyed.once(placed("stopVps", input), () => lanes.run(input.vpsId, () => stopVps(desk, input, signal))),
    delete: async (input) => {
      const call = { name: "deleteVps", key: input.key, schema: z.null() };
      await keyed.once(call, () => lanes.run(input.vpsId, () => deleteVps(desk, input)));
      forget(desk, input.vpsId);
    },
    importTemplate: (input, signal) =>
      keyed.once({ name: "importTemplate", key: input.key, schema: templateSchema }, () =>
        lanes.run(`template ${input.name}`, async () => {
          const report = (now: Progress) => progress.set(input.key, now);
          try {
            return { answer: await templates.import(input, signal, report) };
          } finally {
            progress.delete(input.key);
          }
        }),
      ),
    configure: (input, signal) =>
      // The lane is held until the journal has it: the next change begins where this one ended.
      lanes.run(input.vpsId, async () => {
        const answer = await keyed.once(placed("configureVps", input), () => configureVps(desk, input, signal));
        await look(desk, input.vpsId);
        return answer;
      }),
    readLimits: (vpsId, names) => lanes.run(vpsId, () => readLimits(desk, vpsId, names)),
    findLimits: () => limiter.findings(),
    progress: (key) => progress.get(key) ?? null,
    reports: async () => {
      const statuses = new Map((await list()).map((status) => [status.vpsId, status]));
      return book.placements().flatMap(({ vpsId, spec, mac, generation }) => {
        const status = statuses.get(vpsId);
        return status === undefined ? [] : [{ spec, mac, generation, status }];
      });
    },
    watch: (signal) => desk.statuses.watch(signal),
    mustRun: async (vpsId) => {
      placementOrThrow(book, vpsId);
      await look(desk, vpsId);
      const run = desk.runs.get(vpsId);
      if (run === undefined) throw new MusterError("state_conflict", "The VPS does not run.");
      return run;
    },
    running: () => [...desk.runs.values()],
    close: async () => {
      exits.stop();
      await lanes.idle();
      await book.close();
    },
  };
}
