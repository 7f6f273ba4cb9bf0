import type { AllocationChange } from "@muster/model/vps";
import { expect, test } from "vitest";
import { allocationRows } from "./allocation-rows.ts";

const base = { actor: "ada@example.org", until: null, jobId: null };
const changes: AllocationChange[] = [
  { ...base, id: "3", at: "2026-11-22T12:00:00.000Z", limit: "cpu.cores", from: 1, to: 2 },
  { ...base, id: "2", at: "2026-11-22T10:00:00.000Z", limit: "cpu.cores", to: 1 },
  { ...base, id: "1", at: "2026-11-22T10:00:00.000Z", limit: "pids.max", to: 512 },
];

test("all that creation gave is one line at the end", () => {
  const rows = allocationRows(changes, null);
  expect(rows.map((row) => [row.kind, row.change.id])).toEqual([
    ["change", "3"],
    ["created", "2"],
  ]);
  expect(rows.at(-1)).toMatchObject({ limits: 2 });
});

test("of one limit its first value is told", () => {
  expect(allocationRows(changes, "cpu.cores").map((row) => [row.kind, row.change.id])).toEqual([
    ["change", "3"],
    ["first", "2"],
  ]);
  expect(allocationRows(changes, "nic.egress")).toEqual([]);
});
