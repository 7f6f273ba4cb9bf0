/** `node apps/agent/src/doctor.ts`: what this host can do and why not. Exit code 1 where it cannot run VPSs. */
import { readDoctorReport } from "@muster/node-agent/doctor";
import { hostOf } from "./host.ts";

const { host, criu } = await hostOf({ criu: process.env["MUSTER_CRIU"] || undefined });
const { text, canRunVps } = await readDoctorReport(host, criu);
process.stdout.write(text);
process.exitCode = canRunVps ? 0 : 1;
