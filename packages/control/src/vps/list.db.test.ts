import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { VpsQuery } from "../fleet.ts";
import { ACTOR, createTestFleet, ended, spec, type TestFleet } from "../testing/test-fleet.ts";

let control: TestFleet;
const NAMES = ["delta", "alpha", "echo", "bravo", "charlie"];

beforeAll(async () => {
  control = await createTestFleet();
  const { nodeId, agent } = await control.addNode("one");
  const { nodeId: otherId } = await control.addNode("two", "10.87.0.0/24");
  for (const [index, name] of NAMES.entries()) {
    const address = index === 4 ? "10.87.0.9" : `10.83.0.${[9, 100, 20, 3][index]}`;
    const request = {
      nodeId: index === 4 ? otherId : nodeId,
      spec: spec({ name, address }),
      start: index !== 1,
      actor: ACTOR,
    };
    await ended(control.fleet, (await control.fleet.vps.create(request)).jobId);
  }
  const echo = (await control.fleet.vps.list({ search: "echo", limit: 1 })).items[0];
  agent.before.set("stopVps", () => new Promise(() => {}));
  await control.fleet.vps.stop({ vpsId: echo?.id ?? "", actor: ACTOR });
});
afterAll(() => control.close());

/** Page by page, two at a time. */
async function every(query: Omit<VpsQuery, "limit">) {
  const names: string[] = [];
  const states: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await control.fleet.vps.list({ ...query, limit: 2, cursor });
    names.push(...page.items.map((vps) => vps.spec.name));
    states.push(...page.items.map((vps) => vps.state));
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  return { names, states };
}

describe("the list of VPSs", () => {
  test.each([
    ["name", ["alpha", "bravo", "charlie", "delta", "echo"]],
    ["address", ["bravo", "delta", "echo", "alpha", "charlie"]],
    ["createdAt", ["delta", "alpha", "echo", "bravo", "charlie"]],
  ] as const)("sorted by %s, page by page, both ways", async (field, expected) => {
    expect((await every({ sort: { field, direction: "asc" } })).names).toEqual(expected);
    expect((await every({ sort: { field, direction: "desc" } })).names).toEqual(expected.toReversed());
  });

  test.each(["memoryBytes", "cpuCores", "node"] as const)("sorted by %s shows each once", async (field) => {
    expect((await every({ sort: { field, direction: "asc" } })).names.toSorted()).toEqual(NAMES.toSorted());
  });

  test("sorted by the state that is shown: the database and the model agree on it", async () => {
    const { names, states } = await every({ sort: { field: "state", direction: "asc" } });
    expect(states).toEqual(["running", "running", "running", "stopped", "stopping"]);
    expect(names.slice(3)).toEqual(["alpha", "echo"]);
  });

  test("finds by a part of the name or the address, and what looks like a pattern is none", async () => {
    expect((await every({ search: "LPH" })).names).toEqual(["alpha"]);
    expect((await every({ search: "10.87" })).names).toEqual(["charlie"]);
    expect((await every({ search: "%" })).names).toEqual([]);
    expect((await every({ search: "node:two" })).names).toEqual(["charlie"]);
    expect((await every({ search: "state:stopped name:a" })).names).toEqual(["alpha"]);
    expect((await every({ search: "ip:10.83 state:running" })).names).toEqual(["bravo", "delta"]);
    expect((await control.fleet.vps.list({ search: "10.83", limit: 1 })).total).toBe(4);
  });

  test("a cursor of another list is refused", async () => {
    await expect(control.fleet.vps.list({ cursor: "nonsense", limit: 1 })).rejects.toMatchObject({
      code: "invalid_input",
    });
  });

  test.each(["createdAt", "address", "memoryBytes", "cpuCores"] as const)(
    "a cursor of the list by name is refused by the list by %s, and is no failure of ours",
    async (field) => {
      const { nextCursor } = await control.fleet.vps.list({ limit: 1 });
      const sort = { field, direction: "asc" } as const;
      const page = control.fleet.vps.list({ sort, limit: 1, cursor: nextCursor ?? "" });
      await expect(page).rejects.toMatchObject({ code: "invalid_input", field: "cursor" });
    },
  );

  test("the tree has every node with its VPSs by name", async () => {
    const { nodes } = await control.fleet.tree();
    expect(nodes.map(({ node, vps, vpsTotal }) => [node.name, vpsTotal, vps.map((one) => one.name)])).toEqual([
      ["one", 4, ["alpha", "bravo", "delta", "echo"]],
      ["two", 1, ["charlie"]],
    ]);
  });

  test("the first free address is suggested", async () => {
    const [one] = await control.fleet.nodes.list();
    expect(await control.fleet.vps.suggestAddress(one?.id ?? "")).toBe("10.83.0.10");
  });
});
