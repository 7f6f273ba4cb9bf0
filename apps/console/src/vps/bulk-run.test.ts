import type { Job } from "@muster/model/job";
import { expect, test } from "vitest";
import { type BulkRow, type BulkRun, countOf, countText, partsOf, unknownText, withResults } from "./bulk-run.ts";

const asked = (vpsId: string): BulkRow => ({ vpsId, name: vpsId, nodeName: "atlas", outcome: "asking" });
const run: BulkRun = { action: "stop", rows: ["v1", "v2", "v3"].map(asked) };
const error = { code: "busy" as const, message: "Job j9 is at work on it." };

const job = (id: string, state: Job["state"]): Job => ({
  id,
  kind: "vps.stop",
  state,
  actor: "ada@example.org",
  nodeId: "n0000000001",
  nodeName: "atlas",
  vpsId: null,
  vpsName: null,
  steps: [],
  error: null,
  advice: null,
  progress: null,
  committed: false,
  cancelRequested: false,
  cancelledBy: null,
  resumedBy: null,
  resumedAt: null,
  retryOf: null,
  createdAt: "2026-11-22T16:00:00.000Z",
  startedAt: null,
  endedAt: null,
});

test("each row gets its own result, and one that was not answered yet is still being asked", () => {
  const after = withResults(run, [
    { vpsId: "v3", error },
    { vpsId: "v1", jobId: "j1" },
  ]);
  expect(after.rows.map((row) => row.outcome)).toEqual(["job", "asking", "refused"]);
  expect(countOf(after.rows, new Map())).toEqual({ underWay: 2, succeeded: 0, failed: 0, unknown: 0, refused: 1 });
});

test("what came of all is counted by what their jobs say", () => {
  const rows = withResults(
    run,
    ["v1", "v2", "v3"].map((vpsId) => ({ vpsId, jobId: vpsId.replace("v", "j") })),
  ).rows;
  const jobs = new Map([job("j1", "succeeded"), job("j2", "stuck"), job("j3", "undoing")].map((one) => [one.id, one]));
  const count = countOf(rows, jobs);
  expect(count).toEqual({ underWay: 1, succeeded: 1, failed: 1, unknown: 0, refused: 0 });
  expect(countText(count)).toBe("1 succeeded, 1 under way, 1 failed");
});

test.each(["internal", "database_unavailable", "deadline_exceeded"] as const)(
  "what ended with %s may have become a job: it is unknown, not refused",
  (code) => {
    const lost = { code, message: "No answer." };
    const after = withResults(run, [
      { vpsId: "v1", jobId: "j1" },
      { vpsId: "v2", error: lost },
      { vpsId: "v3", error: lost },
    ]);
    expect(after.rows.map((row) => row.outcome)).toEqual(["job", "unknown", "unknown"]);
    const count = countOf(after.rows, new Map([["j1", job("j1", "succeeded")]]));
    expect(count).toEqual({ underWay: 0, succeeded: 1, failed: 0, unknown: 2, refused: 0 });
    expect(countText(count)).toBe("1 succeeded, 2 unknown");
    expect(unknownText(lost)).toBe("No answer. Whether it was asked for is not known: see Tasks.");
  },
);

test("a thousand are asked in parts that hold each once", () => {
  const items = Array.from({ length: 1_001 }, (_, index) => index);
  const parts = partsOf(items);
  expect(parts.flat()).toEqual(items);
  expect(Math.max(...parts.map((part) => part.length))).toBeLessThanOrEqual(500);
  expect(partsOf([])).toEqual([]);
});
