/**
 * Every network interface of the node from /sys/class/net (Documentation/ABI/testing/sysfs-class-net), and what
 * ethtool adds. Virtual devices answer part of it; what a driver does not answer stays null, never zero.
 */
import { vpsIdSchema } from "@muster/model/ids";
import type { Nic } from "@muster/model/node";
import { type EthtoolDriver, parseDriver, parseOffloads } from "./ethtool.ts";
import { type Host, positive, wholeNumber } from "./host.ts";

const MBIT = 1_000_000;
/** include/uapi/linux/if_arp.h: ARPHRD_LOOPBACK */
const LOOPBACK_TYPE = "772";

/**
 * The host's end of a VPS's veth has the VPS's id for a name, and the ifb of its outgoing rate begins with it
 * (engine/shaping.ts). They belong to the VPS's page, not to the node's.
 */
export const isVpsInterface = (name: string): boolean => vpsIdSchema.safeParse(name.replace(/-ifb$/, "")).success;

export async function readNics(host: Host): Promise<Nic[]> {
  const names = (await host.list("/sys/class/net")).filter((name) => !isVpsInterface(name));
  const found = await Promise.all(names.map((name) => readNic(host, name)));
  return found.filter((nic) => nic !== null);
}

async function readNic(host: Host, name: string): Promise<Nic | null> {
  const at = (file: string) => host.read(`/sys/class/net/${name}/${file}`);
  const mtuBytes = positive(await at("mtu"));
  // bonding_masters stands in the same directory and is a file; an interface may go away while it is being read.
  if (mtuBytes === null) return null;
  const counter = async (file: string) => wholeNumber(await at(`statistics/${file}`));
  const kind = await kindOf(host, name);
  const speed = positive(await at("speed"));
  const duplex = await at("duplex");
  const mac = await at("address");
  return {
    name,
    kind,
    mac: mac === null || mac === "" || kind === "loopback" ? null : mac,
    ...(await readDriver(host, name)),
    linkUp: linkUp(await at("carrier"), await at("operstate")),
    speedBitsPerSecond: speed === null ? null : speed * MBIT,
    duplex: duplex === "full" || duplex === "half" ? duplex : null,
    mtuBytes,
    addresses: [...(host.addresses().get(name) ?? [])],
    master: await host.linkName(`/sys/class/net/${name}/master`),
    offloads: parseOffloads((await host.run(["ethtool", "-k", name]))?.stdout ?? ""),
    ...(await countQueues(host, name)),
    rxErrors: await counter("rx_errors"),
    txErrors: await counter("tx_errors"),
    rxDropped: await counter("rx_dropped"),
    txDropped: await counter("tx_dropped"),
    rxCrcErrors: await counter("rx_crc_errors"),
    collisions: await counter("collisions"),
    carrierChanges: wholeNumber(await at("carrier_changes")),
  };
}

async function kindOf(host: Host, name: string): Promise<Nic["kind"]> {
  const at = `/sys/class/net/${name}`;
  if ((await host.read(`${at}/type`)) === LOOPBACK_TYPE) return "loopback";
  const entries = await host.list(at);
  if (entries.includes("bridge")) return "bridge";
  if (entries.includes("bonding")) return "bond";
  if (/^DEVTYPE=vlan$/m.test((await host.read(`${at}/uevent`)) ?? "")) return "vlan";
  return entries.includes("device") ? "physical" : "virtual";
}

/** `carrier` cannot be read while the interface is down (EINVAL): then operstate has the answer, or nobody has. */
function linkUp(carrier: string | null, operstate: string | null): boolean | null {
  if (carrier === "1") return true;
  if (carrier === "0" || operstate === "down" || operstate === "notpresent") return false;
  return operstate === "up" ? true : null;
}

async function readDriver(host: Host, name: string): Promise<EthtoolDriver> {
  const told = await host.run(["ethtool", "-i", name]);
  if (told?.exitCode === 0) return parseDriver(told.stdout);
  const driver = await host.linkName(`/sys/class/net/${name}/device/driver`);
  const busAddress = await host.linkName(`/sys/class/net/${name}/device`);
  return { driver, driverVersion: null, firmwareVersion: null, busAddress };
}

async function countQueues(host: Host, name: string): Promise<Pick<Nic, "rxQueues" | "txQueues">> {
  const queues = await host.list(`/sys/class/net/${name}/queues`);
  const count = (direction: string) => queues.filter((queue) => queue.startsWith(direction)).length || null;
  return { rxQueues: count("rx-"), txQueues: count("tx-") };
}
