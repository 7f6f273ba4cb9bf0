/** `node examples/create-vps.ts NAME [TEMPLATE]`: creates a VPS on the first healthy node and waits until it runs. */
import { refusalOf } from "../src/client.ts";
import { JobFailed, waitForJob } from "../src/wait-for-job.ts";
import { connect } from "./connect.ts";

const [name, template = "busybox"] = process.argv.slice(2);
if (name === undefined) {
  console.error("Usage: node examples/create-vps.ts NAME [TEMPLATE]");
  process.exit(2);
}

const muster = connect();

const { items: nodes } = await muster.nodes.list.query();
const node = nodes.find(({ health }) => health === "healthy");
if (node === undefined) throw new Error("No node is healthy.");

const { address } = await muster.vps.suggestAddress.query({ nodeId: node.id });
if (address === null) throw new Error(`Node ${node.name} has no free address.`);

try {
  const { jobId, vpsId } = await muster.vps.create.mutate({
    nodeId: node.id,
    spec: { name, template, address, limits: { "memory.max": 128 * 2 ** 20, "disk.max": 2 ** 30 } },
  });
  await waitForJob(muster, jobId);
  const vps = await muster.vps.get.query({ vpsId });
  console.log(`${vps.spec.name} is ${vps.state} at http://${vps.spec.address}/ on ${vps.nodeName}`);
} catch (error) {
  const refusal = refusalOf(error);
  if (refusal !== null) console.error(`Refused (${refusal.code}): ${refusal.message}`);
  else if (error instanceof JobFailed) console.error(error.message);
  else throw error;
  process.exit(1);
}
