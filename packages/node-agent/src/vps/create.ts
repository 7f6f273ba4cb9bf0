/** createVps: claims the name's place in the journal, makes the private area, and says that it is made. */
import type { CreateVps } from "@muster/agent-api/agent";
import { isAssignable } from "@muster/model/address";
import { MusterError } from "@muster/model/errors";
import type { Template } from "@muster/model/node";
import type { PlacementStatus } from "@muster/model/vps";
import { forget } from "./delete.ts";
import { type Desk, lookAtMine, refuseStale } from "./desk.ts";
import { chooseIdBase } from "./id-range.ts";
import type { Done } from "./keyed.ts";
import type { Lanes } from "./lanes.ts";
import { type Placement, planOf } from "./placement.ts";

export interface CreateContext {
  desk: Desk;
  lanes: Lanes;
  templates: readonly Template[];
  network: { network: string; gateway: string };
}

export async function createVps(
  context: CreateContext,
  input: CreateVps,
  signal: AbortSignal,
): Promise<Done<PlacementStatus>> {
  const { desk } = context;
  refuseStale(desk.book, input);
  const made = desk.book.placement(input.vpsId);
  if (made?.phase === "made") return { answer: await lookAtMine(desk, input.vpsId) };
  await desk.limiter.mustHold(input.spec.limits);
  if (made?.phase === "deleting") throw new MusterError("state_conflict", "The VPS is being deleted.");
  const claimed = await context.lanes.run("claims", () => claim(context, input));
  try {
    await desk.engine.storage.createArea(planOf(claimed), signal);
  } catch (error) {
    // If even that fails, the placement stays `creating`: a delete, a retry or the next start of the agent mends it.
    await takeBack(desk, claimed).catch(() => undefined);
    throw error;
  }
  const placement: Placement = { ...claimed, epoch: input.epoch, phase: "made" };
  await desk.book.write([{ type: "placement", placement }]);
  return { answer: await lookAtMine(desk, input.vpsId) };
}

/** One claim at a time on a node, and on disk before the next: two creates cannot both find an address or an id range free. */
async function claim(context: CreateContext, input: CreateVps): Promise<Placement> {
  const { book } = context.desk;
  const placement = book.placement(input.vpsId) ?? choose(context, input);
  const mark = { epoch: input.epoch, seqCeiling: book.mark(input.vpsId).seqCeiling };
  await book.write([
    { type: "mark", vpsId: input.vpsId, mark },
    { type: "placement", placement },
  ]);
  return placement;
}

function choose({ desk, templates, network }: CreateContext, input: CreateVps): Placement {
  const { vpsId, epoch, generation, spec, mac } = input;
  const template = templates.find(({ name }) => name === spec.template);
  if (template === undefined) {
    throw new MusterError("template_missing", `The node has no template ${spec.template}.`, { field: "template" });
  }
  if (!isAssignable(spec.address, network.network, network.gateway)) {
    throw new MusterError("address_outside_network", `${spec.address} is not for a VPS of ${network.network}.`, {
      field: "address",
    });
  }
  const others = desk.book.placements().filter((other) => other.vpsId !== vpsId);
  const holder = others.find((other) => other.spec.address === spec.address || other.mac === mac);
  if (holder !== undefined) {
    throw new MusterError("address_taken", `VPS ${holder.spec.name} on this node has the address ${spec.address}.`, {
      field: "address",
    });
  }
  const idBase = chooseIdBase(vpsId, new Set(others.map((other) => other.idBase)));
  if (idBase === null) throw new MusterError("unsupported", "The node has no id range left for another VPS.");
  return { vpsId, epoch, generation, spec, mac, init: template.init, idBase, phase: "creating" };
}

/** A failed create leaves nothing. */
async function takeBack(desk: Desk, { vpsId }: Placement): Promise<void> {
  await desk.engine.storage.removeArea(vpsId);
  await desk.book.write([{ type: "gone", vpsId }]);
  forget(desk, vpsId);
}
