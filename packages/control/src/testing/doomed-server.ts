/**
 * A server that a test kills or pauses: begins a create, tells of it while the agent is still at work, and waits. Told
 * to go on, its agent does the work after all, as the agent of a server that was paused would.
 */
import { createFleet } from "../create-fleet.ts";
import { testDatabaseAt } from "./database-access.ts";
import { createFakeAgent } from "./fake-agent.ts";
import { TEST_CA_PEM } from "./test-ca.ts";
import { ACTOR, eventually, spec } from "./test-fleet.ts";

const { DOOMED_DATABASE_URL: url = "", DOOMED_NODE_ID: nodeId = "", DOOMED_SERVER_ID: serverId } = process.env;
const agent = createFakeAgent({ nodeId });
const gate = Promise.withResolvers<void>();
agent.before.set("createVps", () => gate.promise);
const fleet = await createFleet({
  database: testDatabaseAt(url),
  credentials: { caPem: TEST_CA_PEM, certificatePem: "", keyPem: "" },
  connect: () => agent,
  ...(serverId === undefined ? {} : { serverId }),
});
await eventually(async () => (await fleet.nodes.get(nodeId)).health === "healthy");
const created = await fleet.vps.create({ nodeId, spec: spec(), start: true, actor: ACTOR });
await eventually(() => agent.calls.length === 1);
process.on("message", () => gate.resolve());
process.send?.(created);
