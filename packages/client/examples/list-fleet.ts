/** `node examples/list-fleet.ts`: every node and every VPS on it, a line each. */
import { connect } from "./connect.ts";

const muster = connect();

const { items: nodes } = await muster.nodes.list.query();
for (const node of nodes) {
  console.log(`${node.name}  ${node.health}${node.simulated ? "  simulated" : ""}  ${node.vpsCount} VPSs`);
  let cursor: string | undefined;
  do {
    const page = await muster.vps.list.query({
      nodeId: node.id,
      sort: { field: "name", direction: "asc" },
      cursor,
      limit: 500,
    });
    for (const { spec, state } of page.items) console.log(`  ${spec.name}  ${state}  ${spec.address}`);
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
}
