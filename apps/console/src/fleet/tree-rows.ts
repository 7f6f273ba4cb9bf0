/** The tree as the flat list that it is drawn from. */
import type { AppRouter } from "@muster/api/root";
import type { inferRouterOutputs } from "@trpc/server";

type Tree = inferRouterOutputs<AppRouter>["fleet"]["tree"];
type TreeNode = Tree["nodes"][number];

export type TreeRow =
  | { kind: "node"; id: string; entry: TreeNode; open: boolean }
  | { kind: "vps"; id: string; vps: TreeNode["vps"][number]; entry: TreeNode; position: number }
  | { kind: "more"; id: string; entry: TreeNode };

/** With few nodes everything is seen at once; a long fleet begins closed. */
const OPEN_BY_ITSELF = 4;

export interface TreeView {
  tree: Tree;
  filter: string;
  /** What the person opened or closed themselves. */
  chosen: Readonly<Record<string, boolean>>;
  /** Of the page in sight: its node is open. */
  currentVpsId: string | null;
}

function isOpen(entry: TreeNode, view: TreeView): boolean {
  const chosen = view.chosen[entry.node.id];
  if (chosen !== undefined) return chosen;
  if (entry.vps.some((vps) => vps.id === view.currentVpsId)) return true;
  return view.tree.nodes.length <= OPEN_BY_ITSELF;
}

function rowsOf(entry: TreeNode, view: TreeView): TreeRow[] {
  const wanted = view.filter.trim().toLowerCase();
  const fits = (text: string) => text.toLowerCase().includes(wanted);
  const vps = fits(entry.node.name) ? entry.vps : entry.vps.filter((item) => fits(item.name) || fits(item.address));
  if (wanted !== "" && vps.length === 0 && !fits(entry.node.name)) return [];
  const open = wanted !== "" || isOpen(entry, view);
  const head: TreeRow = { kind: "node", id: entry.node.id, entry, open };
  if (!open) return [head];
  const rows: TreeRow[] = vps.map((item, index) => ({
    kind: "vps",
    id: item.id,
    vps: item,
    entry,
    position: index + 1,
  }));
  if (entry.vpsTotal > entry.vps.length) rows.push({ kind: "more", id: `${entry.node.id}-more`, entry });
  return [head, ...rows];
}

export function treeRows(view: TreeView): TreeRow[] {
  return view.tree.nodes.flatMap((entry) => rowsOf(entry, view));
}
