/** `node examples/follow-job.ts [JOB]`: prints the steps of a job as they happen; without an id, of the newest job. */
import { JobFailed, waitForJob } from "../src/wait-for-job.ts";
import { connect } from "./connect.ts";

const muster = connect();

const [given] = process.argv.slice(2);
const jobId = given ?? (await muster.jobs.list.query({ limit: 1 })).items[0]?.id;
if (jobId === undefined) throw new Error("There is no job yet.");

const printed = new Set<string>();

try {
  const job = await waitForJob(muster, jobId, {
    onChange: ({ steps }) => {
      for (const { title, state } of steps) {
        const line = `${title}: ${state}`;
        if (state !== "waiting" && !printed.has(line)) console.log(line);
        printed.add(line);
      }
    },
  });
  console.log(`${job.kind} ${job.vpsName ?? job.nodeName} succeeded`);
} catch (error) {
  if (!(error instanceof JobFailed)) throw error;
  console.error(error.message);
  process.exit(1);
}
