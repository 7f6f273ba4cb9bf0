import { expect, test } from "vitest";
import { askedOf, chipsOf, filterOf, type HistoryFilter, NO_FILTER, OPEN_RANGE, parametersOf } from "./filter.ts";

const everything: HistoryFilter = {
  kinds: ["vps.create", "node.remove"],
  states: ["failed", "stuck"],
  nodeId: "n0000000001",
  name: "web",
  actor: "ada@example.org",
  time: { type: "between", from: "2026-11-22T06:00:00.000Z", to: null },
  active: true,
};
const through = (filter: HistoryFilter) => {
  const parameters = new URLSearchParams(parametersOf(filter));
  return filterOf((name) => parameters.get(name));
};
const NOW_MS = Date.parse("2026-11-22T16:00:00.000Z");

test("a filter comes back out of the URL as it went in", () => {
  expect(through(everything)).toEqual(everything);
  expect(through(NO_FILTER)).toEqual(NO_FILTER);
  const lasting: HistoryFilter = { ...NO_FILTER, time: { type: "last", period: "7d" } };
  expect(through(lasting)).toEqual(lasting);
});

test("what makes no sense in a URL is as if it were not there", () => {
  const typed: Record<string, string> = {
    kind: "vps.create,vps.fly",
    outcome: "happy",
    node: "../etc",
    last: "1e9h",
    from: "yesterday",
    active: "perhaps",
  };
  expect(filterOf((name) => typed[name])).toEqual({ ...NO_FILTER, kinds: ["vps.create"] });
});

test("the server is asked for exactly what holds, and inside a page about one node for that node", () => {
  expect(askedOf(NO_FILTER, {}, NOW_MS)).toEqual({});
  expect(askedOf(everything, {}, NOW_MS)).toEqual({
    kinds: ["vps.create", "node.remove"],
    states: ["failed", "stuck"],
    nodeId: "n0000000001",
    search: "web",
    actor: "ada@example.org",
    from: "2026-11-22T06:00:00.000Z",
    active: true,
  });
  expect(askedOf(everything, { nodeId: "n0000000002" }, NOW_MS).nodeId).toBe("n0000000002");
  const lastDay: HistoryFilter = { ...NO_FILTER, time: { type: "last", period: "24h" } };
  expect(askedOf(lastDay, {}, NOW_MS)).toEqual({ from: "2026-11-21T16:00:00.000Z" });
});

test("every filter that holds is a chip, and a chip takes away itself alone", () => {
  const chips = chipsOf(everything, () => "atlas");
  expect(chips.map(({ label }) => label)).toEqual([
    "Name has “web”",
    "Create VPS",
    "Remove node",
    "Failed",
    "Stuck",
    "On atlas",
    "By ada@example.org",
    expect.stringMatching(/^Since 22 Nov 2026/),
    "Under way",
  ]);
  expect(chips[1]?.without).toEqual({ ...everything, kinds: ["node.remove"] });
  expect(chips.at(-1)?.without).toEqual({ ...everything, active: false });
  expect(chipsOf(NO_FILTER, () => "atlas")).toEqual([]);
  expect(chipsOf({ ...NO_FILTER, time: OPEN_RANGE }, () => "atlas")).toEqual([]);
});
