import { nicSchema, nodeInventorySchema } from "@muster/model/node";
import { describe, expect, it } from "vitest";
import { findCapabilities } from "./capabilities.ts";
import type { Host } from "./host.ts";
import { createInventory } from "./inventory.ts";
import { parseCpu, readDisks } from "./machine.ts";
import { readNics } from "./nics.ts";
import { type Recording, recordedHost, recordedPrograms } from "./recorded-host.ts";

function sysfs(name: string, files: Record<string, string>): Record<string, string> {
  const at = `/sys/class/net/${name}`;
  const all = { type: "1", mtu: "1500", address: "52:54:00:00:03:02", ...files };
  return Object.fromEntries(Object.entries(all).map(([file, text]) => [`${at}/${file}`, text]));
}

async function onlyNic(recording: Recording) {
  const [nic] = await readNics(recordedHost(recording));
  return nicSchema.parse(nic);
}

describe("a NIC", () => {
  it("tells of an Intel PRO/1000 what its driver tells", async () => {
    const nic = await onlyNic({
      files: {
        ...sysfs("prod1", { carrier: "1", operstate: "up", speed: "1000", duplex: "full", carrier_changes: "7" }),
        "/sys/class/net/prod1/device/vendor": "0x8086",
        "/sys/class/net/prod1/queues/rx-0/x": "",
        "/sys/class/net/prod1/queues/tx-0/x": "",
        "/sys/class/net/prod1/queues/tx-1/x": "",
        "/sys/class/net/prod1/statistics/rx_crc_errors": "3",
      },
      links: { "/sys/class/net/prod1/master": "../bond0" },
      programs: recordedPrograms("e1000e.txt"),
      addresses: { prod1: ["10.50.0.3/16"] },
    });
    expect(nic).toMatchObject({
      kind: "physical",
      driver: "e1000e",
      driverVersion: "6.1.0-56-amd64",
      firmwareVersion: "2.1-0",
      busAddress: "0000:00:04.0",
      linkUp: true,
      speedBitsPerSecond: 1_000_000_000,
      duplex: "full",
      master: "bond0",
      addresses: ["10.50.0.3/16"],
      rxQueues: 1,
      txQueues: 2,
      rxCrcErrors: 3,
      collisions: null,
      carrierChanges: 7,
    });
    expect(nic.offloads).toContainEqual({ name: "tcp-segmentation-offload", on: true, fixed: false });
    expect(nic.offloads).toContainEqual({ name: "highdma", on: true, fixed: true });
    expect(nic.offloads).toHaveLength(65);
  });

  it("has null, not zero, for what a virtio driver does not report", async () => {
    const nic = await onlyNic({
      files: sysfs("mgmt", { carrier: "1", speed: "-1", duplex: "unknown" }),
      programs: recordedPrograms("virtio.txt"),
    });
    expect(nic).toMatchObject({
      driver: "virtio_net",
      firmwareVersion: null,
      speedBitsPerSecond: null,
      duplex: null,
      rxErrors: null,
      rxQueues: null,
    });
  });

  it("is read without ethtool from sysfs alone", async () => {
    const nic = await onlyNic({
      files: sysfs("eth0", { operstate: "down" }),
      links: {
        "/sys/class/net/eth0/device": "../../../0000:00:03.0",
        "/sys/class/net/eth0/device/driver": "../../../bus/pci/drivers/igb",
      },
    });
    expect(nic).toMatchObject({ driver: "igb", busAddress: "0000:00:03.0", linkUp: false, offloads: null });
  });

  it("is told apart by kind", async () => {
    const nics = await readNics(
      recordedHost({
        files: {
          ...sysfs("bond0", { "bonding/mode": "active-backup 1" }),
          ...sysfs("lo", { type: "772", address: "00:00:00:00:00:00" }),
          ...sysfs("muster0", { "bridge/bridge_id": "8000.x" }),
          ...sysfs("prod0.50", { uevent: "DEVTYPE=vlan\nINTERFACE=prod0.50" }),
          ...sysfs("tap0", {}),
          "/sys/class/net/bonding_masters": "bond0",
        },
      }),
    );
    expect(nics.map(({ name, kind }) => `${name} ${kind}`)).toEqual([
      "bond0 bond",
      "lo loopback",
      "muster0 bridge",
      "prod0.50 vlan",
      "tap0 virtual",
    ]);
    expect(nics.find(({ name }) => name === "lo")?.mac).toBeNull();
  });

  it("is not the veth of a VPS", async () => {
    const files = { ...sysfs("v0123456789", {}), ...sysfs("veth0", {}) };
    expect((await readNics(recordedHost({ files }))).map(({ name }) => name)).toEqual(["veth0"]);
  });
});

describe("the machine", () => {
  it("is read on ARM too, where cpuinfo names no model", () => {
    const cpu = parseCpu(
      "processor\t: 0\nBogoMIPS\t: 50.00\nFeatures\t: fp asimd\n\nprocessor\t: 1\nFeatures\t: fp asimd\n",
    );
    expect(cpu).toEqual({ model: null, cores: 2, sockets: null, mhz: null, flags: ["fp", "asimd"] });
  });

  it("counts sockets, not cores", () => {
    const core = (id: number, socket: number) =>
      `processor : ${id}\nmodel name : Xeon\ncpu MHz : 2500.1\nphysical id : ${socket}\nflags : fpu vme\n`;
    expect(parseCpu([core(0, 0), core(1, 0), core(2, 1)].join("\n"))).toMatchObject({
      cores: 3,
      sockets: 2,
      mhz: 2500.1,
    });
  });

  it("has disks, and no loop devices among them", async () => {
    const files = {
      "/sys/block/loop0/size": "100",
      "/sys/block/sda/size": "2097152",
      "/sys/block/sda/ro": "0",
      "/sys/block/sda/queue/rotational": "0",
      "/sys/block/sda/device/model": "SAMSUNG MZ7LH480  ",
    };
    expect(await readDisks(recordedHost({ files }))).toEqual([
      { name: "sda", model: "SAMSUNG MZ7LH480", sizeBytes: 2 ** 30, rotational: false, readOnly: false },
    ]);
  });
});

const ABLE: Recording = {
  files: {
    "/proc/filesystems": "nodev\toverlay\n\tbtrfs",
    "/proc/sys/kernel/osrelease": "6.1.0-56-amd64",
    "/proc/sys/kernel/seccomp/actions_avail": "kill_process errno allow",
    "/proc/self/status": "CapEff:\t000001ffffffffff",
    "/proc/meminfo": "MemTotal: 1000 kB\nSwapTotal: 0 kB",
    "/sys/fs/cgroup/cgroup.controllers": "cpuset cpu io memory hugetlb pids rdma misc",
  },
  programs: {
    "unshare --user --map-root-user true": "",
    "unshare --net ip link add probe0 type bridge": "",
    "unshare --net ip link add probe1 type veth peer name probe2": "",
    "unshare --net nft add table bridge probe": "",
    "btrfs --version": "btrfs-progs v6.2",
    "runc --version": "runc version 1.1.5+ds1\nlibseccomp: 2.5.4",
    "ethtool --version": "ethtool version 6.1",
    "/criu check": "Looks good.",
    "/criu --version": "Version: 4.2.1\nGitID: muster-uncorked",
    "/criu check --feature mem_dirty_track": "mem_dirty_track is supported",
  },
};

function probe(recording: Recording, kernel = "6.1.0-56-amd64", criu: string | null = "/criu") {
  return findCapabilities({ host: recordedHost(recording), cgroupLayout: "v2", kernel, criu });
}

const without = (key: "files" | "programs", name: string): Recording => ({
  ...ABLE,
  [key]: Object.fromEntries(Object.entries(ABLE[key] ?? {}).filter(([each]) => each !== name)),
});

async function detailOf(capabilities: ReturnType<typeof probe>, name: string): Promise<string> {
  const found = (await capabilities).find((each) => each.name === name);
  return `${found?.available ? "can" : "cannot"}: ${found?.detail}`;
}

describe("capabilities", () => {
  it("are all there on a machine that has everything", async () => {
    expect((await probe(ABLE)).filter(({ available }) => !available)).toEqual([]);
  });

  it.each([
    ["files", "/proc/self/status", "vps", "cannot: The agent does not run as root"],
    ["files", "/proc/filesystems", "overlay", "cannot: The kernel has no overlayfs"],
    ["programs", "btrfs --version", "storage", "cannot: btrfs is not installed"],
    ["programs", "runc --version", "seccomp", "cannot: runc is not installed"],
    ["programs", "unshare --net nft add table bridge probe", "nftables", "cannot: nft is not installed"],
    ["programs", "/criu check --feature mem_dirty_track", "soft-dirty", "cannot: The kernel does not track"],
    ["programs", "/criu --version", "criu-page-server-uncorked", "cannot: Not known of this CRIU"],
    ["files", "/sys/fs/cgroup/cgroup.controllers", "cgroups", "cannot: cgroup v2 is without: cpu, memory, pids"],
  ] as const)("say what is missing: %s %s", async (key, name, capability, sentence) => {
    expect(await detailOf(probe(without(key, name)), capability)).toContain(sentence);
  });

  it("name what VPSs lack", async () => {
    const detail = await detailOf(probe(without("programs", "btrfs --version")), "vps");
    expect(detail).toBe("cannot: VPSs cannot run here without: storage.");
  });

  it("give the kernel's own word where it refuses", async () => {
    const refused = { exitCode: 1, stderr: "unshare: unshare failed: Operation not permitted\n" };
    const host = { ...ABLE, programs: { ...ABLE.programs, "unshare --user --map-root-user true": refused } };
    expect(await detailOf(probe(host), "unprivileged")).toContain("Operation not permitted");
  });

  it("know that Linux 5.18 is too old for idmapped layers", async () => {
    expect(await detailOf(probe(ABLE, "5.18.9"), "unprivileged")).toContain("they came with 5.19");
    expect(await detailOf(probe(ABLE, "5.19.0"), "unprivileged")).toContain("can:");
  });

  it("find overlayfs and btrfs among modules that are not loaded yet", async () => {
    const modules = {
      "/lib/modules/6.1.0-56-amd64/modules.dep": "kernel/fs/overlayfs/overlay.ko:\nkernel/fs/btrfs/btrfs.ko.xz:",
    };
    const host = { ...ABLE, files: { ...without("files", "/proc/filesystems").files, ...modules } };
    expect(await detailOf(probe(host), "overlay")).toContain("can:");
    expect(await detailOf(probe(host), "storage")).toContain("can:");
  });

  it("do without CRIU", async () => {
    expect(await detailOf(probe(ABLE, "6.1.0", null), "criu")).toContain("cannot: CRIU is not installed");
    expect(await detailOf(probe(ABLE, "6.1.0", null), "vps")).toContain("can:");
  });
});

describe("the inventory", () => {
  it("fits the model on a bare machine, and asks each program once", async () => {
    let asked = 0;
    const host = recordedHost({
      ...ABLE,
      files: { ...ABLE.files, ...sysfs("eth0", {}), "/proc/cpuinfo": "processor : 0" },
    });
    const counting: Host = {
      ...host,
      run: (argv) => {
        asked += 1;
        return host.run(argv);
      },
    };
    const network = { bridge: "muster0", network: "10.80.0.0/24", gateway: "10.80.0.1" };
    const limits = async () => [{ name: "cpu.cores", available: true, detail: "It can." } as const];
    const inventory = createInventory({ host: counting, criu: null, network, pool: async () => null, limits });
    expect(nodeInventorySchema.safeParse({ ...(await inventory()), hostname: "h" }).error).toBeUndefined();
    const first = asked;
    await inventory();
    expect(asked).toBe(first);
  });
});
