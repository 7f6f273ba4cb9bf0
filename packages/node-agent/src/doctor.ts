/** What this host can do and why not, for people to read. */
import { findCapabilities } from "./inventory/capabilities.ts";
import type { Host } from "./inventory/host.ts";
import { readMachine } from "./inventory/machine.ts";

export interface DoctorReport {
  text: string;
  canRunVps: boolean;
}

export async function readDoctorReport(host: Host, criu: string | null): Promise<DoctorReport> {
  const machine = await readMachine(host);
  const { cgroupLayout, kernel, operatingSystem } = machine;
  const capabilities = await findCapabilities({ host, criu, cgroupLayout, kernel });
  const width = Math.max(...capabilities.map(({ name }) => name.length));
  const lines = capabilities.map(
    ({ name, available, detail }) => `${available ? "yes" : "no "}  ${name.padEnd(width)}  ${detail}`,
  );
  return {
    text: `${[`${operatingSystem}, Linux ${kernel || "?"}, cgroups ${cgroupLayout}`, ...lines].join("\n")}\n`,
    canRunVps: capabilities.some(({ name, available }) => name === "vps" && available),
  };
}
