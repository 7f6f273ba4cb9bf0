/** readLimits: what the kernel holds, not what the journal says. */
import type { VpsId } from "@muster/model/ids";
import { LIMIT_NAMES, type LimitName, type LimitsChange } from "@muster/model/limits/registry";
import { ALL_PLACES } from "../limits/limiter.ts";
import { STOPPED_PLACES } from "./configure.ts";
import { type Desk, placementOrThrow } from "./desk.ts";

export async function readLimits(
  desk: Desk,
  vpsId: VpsId,
  names: readonly LimitName[] = LIMIT_NAMES,
): Promise<LimitsChange> {
  const { limits } = placementOrThrow(desk.book, vpsId).spec;
  const { state } = await desk.engine.containers.inspect(vpsId);
  return desk.limiter.read({ vpsId, limits }, state === "running" ? ALL_PLACES : STOPPED_PLACES, names);
}
