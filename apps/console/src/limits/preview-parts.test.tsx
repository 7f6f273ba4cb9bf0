// @vitest-environment happy-dom
import type { LimitsPreview } from "@muster/model/limits/preview";
import { cleanup, screen } from "@testing-library/react";
import { afterEach, expect, test } from "vitest";
import { z } from "zod";
import { renderWithApi } from "../trpc/render.tsx";
import { useLimitsPreview } from "./preview.ts";
import { PreviewPanel } from "./preview-panel.tsx";
import { mergedPreviews, previewParts } from "./preview-parts.ts";

afterEach(cleanup);

const onNode = (nodeId: string, count: number) =>
  Array.from({ length: count }, (_, index) => ({ id: `${nodeId}-${index}`, nodeId }));

test("parts are as large as the API takes, and a node is not divided where one part holds it", () => {
  const parts = previewParts([...onNode("a", 300), ...onNode("b", 300), ...onNode("c", 100)]);
  expect(parts.map((ids) => ids.length)).toEqual([300, 400]);
  expect(previewParts(onNode("a", 1_001)).map((ids) => ids.length)).toEqual([500, 500, 1]);
});

test("what the parts of a node would promise adds up, and who would be pressed is not guessed", () => {
  const answer = (promisedAfter: number, vpsId: string): LimitsPreview => ({
    nodes: [
      {
        nodeId: "a",
        nodeName: "atlas",
        headroom: [{ resource: "cpu", capacity: 8, promisable: 8, promisedBefore: 4, promisedAfter, used: 1 }],
        pressed: [{ vpsId: "v-other", name: "other", resource: "cpu", reason: "It uses 2 cores." }],
      },
    ],
    vps: [{ vpsId, name: vpsId, refusal: null }],
  });
  const { nodes, vps } = mergedPreviews([answer(6, "v1"), answer(3, "v2"), answer(5, "v3")]);
  expect(nodes.map(({ headroom, pressed }) => [headroom[0]?.promisedAfter, pressed])).toEqual([[6, null]]);
  expect(vps.map(({ vpsId }) => vpsId)).toEqual(["v1", "v2", "v3"]);
});

const inputSchema = z.object({ vpsIds: z.array(z.string()).max(500) });
/** As the API: it refuses more than it takes. */
function answered(input: unknown): LimitsPreview {
  const { vpsIds } = inputSchema.parse(input);
  const nodeIds = [...new Set(vpsIds.map((id) => id.charAt(0)))];
  return { nodes: nodeIds.map((nodeId) => ({ nodeId, nodeName: nodeId, headroom: [], pressed: [] })), vps: [] };
}

const THOUSAND = [...onNode("a", 100), ...onNode("b", 300), ...onNode("c", 600)];

function Probe() {
  return <PreviewPanel preview={useLimitsPreview(THOUSAND, {})} />;
}

test("a change of a thousand VPSs has its figures for every node", async () => {
  renderWithApi(<Probe />, { "vps.previewLimits": answered });
  expect(await screen.findByRole("region", { name: "Node c" })).toBeTruthy();
  expect(screen.getByRole("region", { name: "Node a" })).toBeTruthy();
  expect(screen.getAllByText(/^Which neighbours would be pressed is not known/)).toHaveLength(1);
});
