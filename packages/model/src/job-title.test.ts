/** What people read of a job that they have to wait for. */
import { expect, test } from "vitest";
import { jobKindSchema } from "./job.ts";
import { KIND_TITLE, underWay } from "./job-title.ts";

test("says what is under way in the words of the console, on what, and where to look", () => {
  expect(underWay({ jobId: "j0000000001", operation: "vps.setLimits" })).toBe(
    "Set limits is under way (job j0000000001).",
  );
  expect(underWay({ jobId: "j0000000001", operation: "node.remove" }, "atlas")).toBe(
    "Remove node is under way on atlas (job j0000000001).",
  );
});

test("never says a kind as programs do", () => {
  for (const kind of jobKindSchema.options) expect(underWay({ jobId: "j1", operation: kind })).not.toContain(kind);
  expect(new Set(Object.values(KIND_TITLE)).size).toBe(jobKindSchema.options.length);
});
