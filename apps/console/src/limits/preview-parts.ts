/** A preview of more VPSs than the API takes at once: asked in parts, and put together by node. Pure. */
import type { LimitsPreview } from "@muster/model/limits/preview";
import type { Vps } from "@muster/model/vps";

export type Previewed = Pick<Vps, "id" | "nodeId">;

type NodePart = LimitsPreview["nodes"][number];
/** `pressed` is null where its VPSs were asked for in several parts: no part knew how much the others take. */
export type PreviewedNode = Omit<NodePart, "pressed"> & { pressed: NodePart["pressed"] | null };
type MergedPreview = Omit<LimitsPreview, "nodes"> & { nodes: PreviewedNode[] };

/** As many as the API takes at once (BULK_MAX in packages/api/src/vps.ts). */
const ASKED_AT_MOST = 500;

/** The VPSs of a node stay together as long as one part holds them: who would be pressed there depends on all of them. */
export function previewParts(several: readonly Previewed[]): string[][] {
  const parts: string[][] = [[]];
  for (const ofNode of Map.groupBy(several, ({ nodeId }) => nodeId).values()) {
    for (let from = 0; from < ofNode.length; from += ASKED_AT_MOST) {
      const ids = ofNode.slice(from, from + ASKED_AT_MOST).map(({ id }) => id);
      const last = parts.at(-1);
      if (last !== undefined && last.length + ids.length <= ASKED_AT_MOST) last.push(...ids);
      else parts.push(ids);
    }
  }
  return parts;
}

export function mergedPreviews(answers: readonly LimitsPreview[]): MergedPreview {
  const byNode = Map.groupBy(
    answers.flatMap(({ nodes }) => nodes),
    ({ nodeId }) => nodeId,
  );
  return { nodes: [...byNode.values()].flatMap(mergedNode), vps: answers.flatMap(({ vps }) => vps) };
}

/** What is promised is a sum, so that the growths of the parts add up. */
function mergedNode([first, ...others]: readonly NodePart[]): PreviewedNode[] {
  if (first === undefined) return [];
  if (others.length === 0) return [first];
  const headroom = first.headroom.map((one) => {
    const rest = others.flatMap((part) => part.headroom.filter(({ resource }) => resource === one.resource));
    const growth = rest.reduce((sum, part) => sum + part.promisedAfter - part.promisedBefore, 0);
    return { ...one, promisedAfter: Math.max(0, one.promisedAfter + growth) };
  });
  return [{ ...first, headroom, pressed: null }];
}
