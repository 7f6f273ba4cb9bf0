/** What `ethtool -i` and `ethtool -k` print, of version 6.1 and its neighbours. */
import type { Nic } from "@muster/model/node";

export type EthtoolDriver = Pick<Nic, "driver" | "driverVersion" | "firmwareVersion" | "busAddress">;

/** A key without a value is how ethtool says that the driver did not tell. */
export function parseDriver(text: string): EthtoolDriver {
  const value = (key: string) => {
    const found = new RegExp(`^${key}: (.*)$`, "m").exec(text)?.[1]?.trim() ?? "";
    return found === "" || found === "N/A" ? null : found;
  };
  return {
    driver: value("driver"),
    driverVersion: value("version"),
    firmwareVersion: value("firmware-version"),
    busAddress: value("bus-info"),
  };
}

/** `tx-checksum-ipv4: off [fixed]`; a "requested" note means that it was asked for and is not on. */
export function parseOffloads(text: string): Nic["offloads"] {
  const offloads = [...text.matchAll(/^\s*([a-z][\w-]*): (on|off)(.*)$/gm)].map(([, name = "", state, note = ""]) => ({
    name,
    on: state === "on",
    fixed: note.includes("[fixed]"),
  }));
  return offloads.length === 0 ? null : offloads;
}
