import { expect, test } from "vitest";
import { type TreeView, treeRows } from "./tree-rows.ts";

function node(id: string, names: string[], total = names.length): TreeView["tree"]["nodes"][number] {
  return {
    node: {
      id,
      name: id,
      simulated: false,
      health: "healthy",
      healthReason: null,
      observedAt: null,
      cores: 1,
      memoryBytes: 1,
      memoryAllocatedBytes: 0,
      orphanCount: 0,
      vpsCount: total,
    },
    vps: names.map((name, index) => ({ id: `${id}-${name}`, name, state: "running", address: `10.0.0.${index}` })),
    vpsTotal: total,
  };
}

const view = (nodes: TreeView["tree"]["nodes"], change: Partial<TreeView> = {}): TreeView => ({
  tree: { nodes },
  filter: "",
  chosen: {},
  currentVpsId: null,
  ...change,
});
const ids = (shown: TreeView) => treeRows(shown).map((row) => row.id);
const many = ["a", "b", "c", "d", "e"].map((id) => node(id, ["web", "db"]));

test("a short fleet is open, a long one begins closed, and the page in sight opens its node", () => {
  expect(ids(view([node("a", ["web"])]))).toEqual(["a", "a-web"]);
  expect(ids(view(many))).toEqual(["a", "b", "c", "d", "e"]);
  expect(ids(view(many, { currentVpsId: "c-db" }))).toEqual(["a", "b", "c", "c-web", "c-db", "d", "e"]);
});

test("what the person opened or closed stays so", () => {
  expect(ids(view([node("a", ["web"])], { chosen: { a: false } }))).toEqual(["a"]);
  expect(ids(view(many, { chosen: { e: true } })).slice(-3)).toEqual(["e", "e-web", "e-db"]);
});

test("a filter finds by name and address, and opens what it finds", () => {
  expect(ids(view(many, { filter: "10.0.0.1" })).slice(0, 2)).toEqual(["a", "a-db"]);
  expect(ids(view(many, { filter: "c" }))).toEqual(["c", "c-web", "c-db"]);
  expect(ids(view(many, { filter: "nothing" }))).toEqual([]);
});

test("what the server did not send is counted, not forgotten", () => {
  expect(ids(view([node("a", ["web"], 501)]))).toEqual(["a", "a-web", "a-more"]);
});
