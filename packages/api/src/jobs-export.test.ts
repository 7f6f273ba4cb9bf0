/** The history as a file. */
import type { JobFilter, JobQuery } from "@muster/control/fleet";
import type { Job } from "@muster/model/job";
import { describe, expect, test } from "vitest";
import { exportJobs } from "./jobs-export.ts";

const AT = "2026-11-22T10:00:00.000Z";

function job(over: Partial<Job> = {}): Job {
  return {
    ...{ id: "j0000000001", kind: "vps.setLimits", state: "failed", actor: "ada@example.org" },
    ...{ nodeId: "n0000000001", nodeName: "atlas", vpsId: "v0000000001", vpsName: "web-1" },
    steps: [
      { ...timed("reserve", "undone"), error: null },
      { ...timed("apply", "failed"), error: { code: "below_use", message: 'It uses "much", now' } },
      { ...timed("record", "skipped"), startedAt: null, endedAt: null, error: null },
    ],
    error: { code: "below_use", message: 'It uses "much", now' },
    ...{ advice: null, progress: null, committed: false, cancelRequested: false, retryOf: null },
    ...{ cancelledBy: null, resumedBy: null, resumedAt: null },
    ...{ createdAt: AT, startedAt: AT, endedAt: "2026-11-22T10:00:01.500Z" },
    ...over,
  };
}
function timed(name: string, state: Job["steps"][number]["state"]) {
  const endedAt = "2026-11-22T10:00:00.250Z";
  return { index: 0, name, title: name, state, startedAt: AT, endedAt, output: null };
}

const storeOf = (all: Job[], asked: JobQuery[] = []) => ({
  list: async (query: JobQuery) => {
    asked.push(query);
    const from = Number(query.cursor ?? 0);
    const to = from + query.limit;
    return { items: all.slice(from, to), total: all.length, nextCursor: to < all.length ? String(to) : null };
  },
});
const filter: JobFilter = { actor: "ada@example.org" };
const csv = async (all: Job[]) => await exportJobs(storeOf(all), { filter, format: "csv" });

describe("as CSV", () => {
  test("has a line for each job, with the outcome of every step, quoted as RFC 4180 has it", async () => {
    const { text, contentType, fileName, truncated } = await csv([job()]);
    const [head, line, end, ...rest] = text.split("\r\n");
    expect(head?.split(",").slice(0, 4)).toEqual(["id", "kind", "state", "actor"]);
    expect(line).toContain("j0000000001,vps.setLimits,failed,ada@example.org,atlas,n0000000001,web-1,v0000000001,");
    expect(line).toContain(',1500,below_use,"It uses ""much"", now",');
    expect(line).toMatch(
      /,"reserve undone 250 ms; apply failed 250 ms \(below_use: It uses ""much"", now\); record skipped"$/,
    );
    expect([end, rest, truncated]).toEqual(["", [], false]);
    expect([contentType, fileName]).toEqual([
      "text/csv; charset=utf-8; header=present",
      expect.stringMatching(/^muster-jobs-\d{4}-\d\d-\d\d\.csv$/),
    ]);
  });

  test("says who cancelled a job, and who set it going again and when", async () => {
    const words = { cancelledBy: "grace@example.org", resumedBy: "alan@example.org", resumedAt: AT };
    const { text } = await csv([job({ ...words, steps: [], error: null })]);
    const [head, line] = text.split("\r\n").map((row) => row.split(","));
    const told = Object.keys(words).map((column) => [column, line?.[head?.indexOf(column) ?? -1]]);
    expect(Object.fromEntries(told)).toEqual(words);
  });

  test.each(["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])("makes %j harmless to a spreadsheet", async (actor) => {
    const { text } = await csv([job({ actor })]);
    expect(text).toContain(`'${actor}`);
    expect(text).not.toContain(`,${actor}`);
  });

  test("keeps a line break of an error within its cell", async () => {
    const { text } = await csv([job({ steps: [], error: { code: "engine_failed", message: "one\ntwo" } })]);
    expect(text).toContain('"one\ntwo"');
  });
});

test("as JSON it is the jobs as the API has them", async () => {
  const all = [job(), job({ cancelledBy: "grace@example.org", resumedBy: "alan@example.org", resumedAt: AT })];
  const { text, fileName } = await exportJobs(storeOf(all), { filter: {}, format: "json" });
  expect(JSON.parse(text)).toEqual(all);
  expect(fileName).toMatch(/\.json$/);
});

test("is read in pages under the same filter, and beyond the longest says that there is more", async () => {
  const asked: JobQuery[] = [];
  const all = Array.from({ length: 20_001 }, () => job({ steps: [] }));
  const { text, truncated } = await exportJobs(storeOf(all, asked), { filter, format: "csv" });
  expect(text.split("\r\n")).toHaveLength(20_000 + 2);
  expect(truncated).toBe(true);
  expect(asked).toHaveLength(40);
  expect(asked.every((query) => query.actor === filter.actor && query.limit === 500)).toBe(true);
  const { truncated: whole } = await exportJobs(storeOf(all.slice(1)), { filter, format: "csv" });
  expect(whole).toBe(false);
});
