/**
 * The ids of the host that belong to one VPS: 65,536 of them, shared with nobody.
 *
 * 0x70000000 to 0x7FFE0000 is what systemd's UIDS-GIDS.md leaves unused: above its container range (524,288 to
 * 1,879,048,191) and above Debian's subordinate ids (from 100,000). CRIU stores the ranges in its images, so a
 * VPS must keep its own when it moves; the place is therefore drawn from the VPS's id, and two VPSs of
 * different nodes seldom want the same one.
 */
import { createHash } from "node:crypto";
import type { VpsId } from "@muster/model/ids";

export const ID_RANGE_SIZE = 65_536;
const FIRST = 0x7000_0000;
const SLOTS = (0x7ffe_0000 - FIRST) / ID_RANGE_SIZE;

/** @param taken bases of the ranges in use. Null when the node has no range left, at 4,094 VPSs. */
export function chooseIdBase(vpsId: VpsId, taken: ReadonlySet<number>): number | null {
  const wanted = createHash("sha256").update(vpsId).digest().readUInt32BE() % SLOTS;
  for (let step = 0; step < SLOTS; step += 1) {
    const base = FIRST + ((wanted + step) % SLOTS) * ID_RANGE_SIZE;
    if (!taken.has(base)) return base;
  }
  return null;
}
