/**
 * `node examples/set-limits.ts NAME CORES MEMORY_MIB [UNTIL]`: changes cores and memory of a VPS while it runs, names the
 * neighbours that it presses, and waits until its node holds them. With a time such as 2030-01-07T06:00:00Z they are
 * set back by themselves. The other limits ("disk.max", "nic.egress" ...) are changed alike.
 */
import { refusalOf } from "../src/client.ts";
import { JobFailed, waitForJob } from "../src/wait-for-job.ts";
import { connect } from "./connect.ts";

const [name, cores, memoryMib, until] = process.argv.slice(2);
if (name === undefined || cores === undefined || memoryMib === undefined) {
  console.error("Usage: node examples/set-limits.ts NAME CORES MEMORY_MIB [UNTIL]");
  process.exit(2);
}
const limits = { "cpu.cores": Number(cores), "memory.max": Number(memoryMib) * 2 ** 20 };

const muster = connect();

const { items } = await muster.vps.list.query({ search: `name:${name}`, limit: 500 });
const vps = items.find(({ spec }) => spec.name === name);
if (vps === undefined) throw new Error(`There is no VPS ${name}.`);

const vpsId = vps.id;
const { nodes } = await muster.vps.previewLimits.query({ vpsIds: [vpsId], limits });
for (const { pressed } of nodes) for (const neighbour of pressed) console.log(`${neighbour.name}: ${neighbour.reason}`);

try {
  const { jobId } = await muster.vps.setLimits.mutate({ vpsId, limits, until });
  await waitForJob(muster, jobId);
  const held = await muster.vps.readLimits.query({ vpsId });
  for (const [limit, value] of Object.entries(held)) console.log(`${limit}  ${JSON.stringify(value)}`);
} catch (error) {
  const refusal = refusalOf(error);
  if (refusal !== null) console.error(`Refused (${refusal.code}): ${refusal.message}`);
  else if (error instanceof JobFailed) console.error(error.message);
  else throw error;
  process.exit(1);
}
