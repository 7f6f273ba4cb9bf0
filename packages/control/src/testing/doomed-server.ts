/** A server for restart.db.test.ts: begins a create, tells of it while the agent is still at work, and is killed. */
import { createFleet } from "../create-fleet.ts";
import { testDatabaseAt } from "./database-access.ts";
import { createFakeAgent } from "./fake-agent.ts";
import { TEST_CA_PEM } from "./test-ca.ts";
import { ACTOR, eventually, spec } from "./test-fleet.ts";

const { DOOMED_DATABASE_URL: url = "", DOOMED_NODE_ID: nodeId = "" } = process.env;
const agent = createFakeAgent({ nodeId });
agent.before.set("createVps", () => new Promise(() => {}));
const fleet = await createFleet({
  database: testDatabaseAt(url),
  credentials: { caPem: TEST_CA_PEM, certificatePem: "", keyPem: "" },
  connect: () => agent,
});
await eventually(async () => (await fleet.nodes.get(nodeId)).health === "healthy");
const created = await fleet.vps.create({ nodeId, spec: spec(), start: true, actor: ACTOR });
await eventually(() => agent.calls.length === 1);
process.send?.(created);
