/** How full a private area of a simulated node is. */
import { fractionOf } from "./seed.ts";
import type { Area } from "./world.ts";

export function limitOf({ limitBytes, diskBytes }: Area): number {
  return limitBytes ?? diskBytes;
}

/** By itself it fills up to a third of what it was made with, over its first day or so; commands may write more. */
export function usedOf(vpsId: string, area: Area): number {
  return Math.floor(area.diskBytes * (0.01 + 0.3 * fractionOf(`${vpsId} disk`))) + area.writtenBytes;
}

/** False where the area has no room for it, and nothing is written. */
export function writeTo(vpsId: string, area: Area, bytes: number): boolean {
  if (usedOf(vpsId, area) + bytes > limitOf(area)) return false;
  area.writtenBytes += bytes;
  return true;
}
