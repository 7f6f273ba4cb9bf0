/** What a simulated node is made of. Plausible, different from node to node, and labelled for what it is. */
import { createHash } from "node:crypto";
import {
  type Capability,
  capabilityNameSchema,
  type Disk,
  type GuestInit,
  type LimitFinding,
  type Nic,
  type NodeInventory,
  type Template,
} from "@muster/model/node";
import { GIB, MIB } from "@muster/model/units";
import { fractionOf, hashOf, pickOf } from "./seed.ts";

export const PORTS = ["eth0", "eth1", "eth2", "eth3"] as const;
const GIGABIT = 1_000_000_000;
/** What the e1000e driver of Linux 6.1 lists with `ethtool -k` as changeable or fixed. */
const OFFLOADS = [
  { name: "rx-checksumming", on: true, fixed: false },
  { name: "tx-checksumming", on: true, fixed: false },
  { name: "scatter-gather", on: true, fixed: false },
  { name: "tcp-segmentation-offload", on: true, fixed: false },
  { name: "generic-segmentation-offload", on: true, fixed: false },
  { name: "generic-receive-offload", on: true, fixed: false },
  { name: "large-receive-offload", on: false, fixed: true },
  { name: "rx-vlan-offload", on: true, fixed: false },
  { name: "tx-vlan-offload", on: true, fixed: false },
  { name: "ntuple-filters", on: false, fixed: true },
  { name: "receive-hashing", on: true, fixed: false },
];

export interface Hardware {
  cores: number;
  memoryBytes: number;
  poolBytes: number;
}

export interface NodeNetwork {
  bridge: string;
  network: string;
  gateway: string;
}

export function hardwareOf(seed: string): Hardware {
  const cores = pickOf(`${seed} cores`, [16, 24, 32, 48]);
  return { cores, memoryBytes: cores * pickOf(`${seed} memory`, [4, 8]) * GIB, poolBytes: cores * 64 * GIB };
}

export function templateOf(name: string, init: GuestInit): Template {
  return {
    name,
    description: `A simulated ${name}`,
    sha256: createHash("sha256").update(`simulated ${name}`).digest("hex"),
    sizeBytes: init === "systemd" ? 310 * MIB : 2 * MIB,
    init,
  };
}

function macAt(seed: string, port: number): string {
  const tail = (hashOf(`${seed} mac`) & 0xffff00) + port;
  return `02:53:49:${[16, 8, 0].map((shift) => ((tail >> shift) & 0xff).toString(16).padStart(2, "0")).join(":")}`;
}

/** One port of a quad-port card with Intel's 82571EB, which e1000e drives. The two on the right have no cable. */
function portOf(seed: string, index: number): Nic {
  const linkUp = index < 2;
  return {
    name: PORTS[index] ?? `eth${index}`,
    kind: "physical",
    mac: macAt(seed, index),
    driver: "e1000e",
    driverVersion: "6.1.0-simulated",
    firmwareVersion: "5.12-6",
    busAddress: `0000:0${4 + Math.floor(index / 2)}:00.${index % 2}`,
    linkUp,
    speedBitsPerSecond: linkUp ? GIGABIT : null,
    duplex: linkUp ? "full" : null,
    mtuBytes: 1500,
    addresses: [],
    master: index === 0 ? "muster0" : null,
    offloads: OFFLOADS,
    rxQueues: 1,
    txQueues: 1,
    rxErrors: 0,
    txErrors: 0,
    rxDropped: index === 0 ? Math.floor(fractionOf(`${seed} dropped`) * 40) : 0,
    txDropped: 0,
    rxCrcErrors: 0,
    collisions: 0,
    carrierChanges: linkUp ? 2 : 0,
  };
}

function bridgeOf(seed: string, network: NodeNetwork): Nic {
  const port = portOf(seed, 0);
  return {
    ...port,
    name: network.bridge,
    kind: "bridge",
    driver: "bridge",
    driverVersion: "2.3",
    firmwareVersion: null,
    busAddress: null,
    speedBitsPerSecond: null,
    duplex: null,
    addresses: [`${network.gateway}/${network.network.split("/")[1]}`],
    master: null,
    offloads: null,
    rxCrcErrors: null,
    collisions: null,
    carrierChanges: null,
  };
}

function disksOf({ poolBytes }: Hardware): Disk[] {
  return [
    { name: "sda", model: "Simulated SATA SSD", sizeBytes: 240 * GIB, rotational: false, readOnly: false },
    { name: "nvme0n1", model: "Simulated NVMe", sizeBytes: poolBytes, rotational: false, readOnly: false },
  ];
}

const capabilities: Capability[] = capabilityNameSchema.options.map((name) => ({
  name,
  available: true,
  detail: "Simulated: this node has no hardware and runs nothing.",
}));

export interface InventoryFacts {
  hostname: string;
  seed: string;
  bootId: string;
  network: NodeNetwork;
  poolUsedBytes: number;
  limits: readonly LimitFinding[];
}

export function inventoryOf({ hostname, seed, bootId, network, poolUsedBytes, limits }: InventoryFacts): NodeInventory {
  const hardware = hardwareOf(seed);
  return {
    hostname,
    operatingSystem: "Debian GNU/Linux 12 (simulated)",
    kernel: "6.1.0-simulated",
    architecture: "x86_64",
    bootId,
    cgroupLayout: "simulated",
    cpu: {
      model: `Simulated ${hardware.cores}-core processor`,
      cores: hardware.cores,
      sockets: hardware.cores > 24 ? 2 : 1,
      mhz: pickOf(`${seed} mhz`, [2_100, 2_400, 2_900]),
      flags: ["lm", "sse4_2", "avx", "avx2"],
    },
    memoryBytes: hardware.memoryBytes,
    swapBytes: 0,
    disks: disksOf(hardware),
    nics: [...PORTS.map((_, index) => portOf(seed, index)), bridgeOf(seed, network)],
    pool: { kind: "simulated", sizeBytes: hardware.poolBytes, usedBytes: poolUsedBytes },
    network,
    capabilities,
    limits: limits.map((found) => ({ ...found, detail: `Simulated: ${found.detail}` })),
  };
}
