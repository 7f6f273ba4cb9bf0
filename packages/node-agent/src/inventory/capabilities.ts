/**
 * What this node can do, found by trying it where trying leaves nothing behind, and otherwise by looking. Each
 * answer is one sentence that the console shows where the button is and doctor prints.
 */
import type { Capability, CapabilityName } from "@muster/model/node";
import { probeCheckpoint, probePageServer, probeSoftDirty } from "./checkpoint-probes.ts";
import { can, cannot, type Finding, type ProbeFacts } from "./finding.ts";
import type { Host } from "./host.ts";

type Probe = (facts: ProbeFacts) => Promise<Finding>;

const PROBES = {
  unprivileged: probeUnprivileged,
  overlay: probeOverlay,
  storage: probeStorage,
  network: probeNetwork,
  cgroups: probeCgroups,
  seccomp: probeSeccomp,
  criu: probeCheckpoint,
  "criu-page-server-uncorked": probePageServer,
  "soft-dirty": probeSoftDirty,
  nftables: probeNftables,
  ethtool: probeEthtool,
} as const satisfies Record<Exclude<CapabilityName, "vps">, Probe>;

/** Without any one of these no VPS can be made here. */
const NEEDED_FOR_VPS = ["unprivileged", "overlay", "storage", "network", "cgroups", "seccomp"] as const;

export async function findCapabilities(facts: ProbeFacts): Promise<Capability[]> {
  const found = await Promise.all(
    Object.entries(PROBES).map(async ([name, probe]) => [name, await probe(facts)] as const),
  );
  const findings = new Map(found);
  const capabilities = capabilityNames.map((name) => ({
    name,
    ...(findings.get(name) ?? cannot("It was not probed.")),
  }));
  return [{ name: "vps", ...(await probeVps(facts, findings)) }, ...capabilities];
}

const capabilityNames = [
  ...NEEDED_FOR_VPS,
  "criu",
  "criu-page-server-uncorked",
  "soft-dirty",
  "nftables",
  "ethtool",
] as const satisfies readonly Exclude<CapabilityName, "vps">[];

/** include/uapi/linux/capability.h */
const CAP_NET_ADMIN = 12n;
const CAP_SYS_ADMIN = 21n;

async function probeVps({ host, kernel }: ProbeFacts, findings: ReadonlyMap<string, Finding>): Promise<Finding> {
  if (kernel === "") return cannot("This is not Linux.");
  const rights = BigInt(
    `0x${/^CapEff:\s*([0-9a-f]+)$/m.exec((await host.read("/proc/self/status")) ?? "")?.[1] ?? "0"}`,
  );
  const root = [CAP_NET_ADMIN, CAP_SYS_ADMIN].every((right) => (rights & (1n << right)) !== 0n);
  if (!root) return cannot("The agent does not run as root (CAP_SYS_ADMIN and CAP_NET_ADMIN are needed).");
  const runc = await host.run(["runc", "--version"]);
  const version = /^runc version (\S+)/m.exec(runc?.stdout ?? "")?.[1];
  const missing = NEEDED_FOR_VPS.filter((name) => findings.get(name)?.available !== true);
  if (missing.length > 0) return cannot(`VPSs cannot run here without: ${missing.join(", ")}.`);
  if (version === undefined) return cannot("runc is not installed (Debian: apt-get install runc).");
  return can(`runc ${version} runs VPSs.`);
}

/** Documentation/filesystems/idmappings.rst; overlayfs takes idmapped layers since Linux 5.19. */
const IDMAPPED_OVERLAY_SINCE = [5, 19] as const;

async function probeUnprivileged({ host, kernel }: ProbeFacts): Promise<Finding> {
  const [major = 0, minor = 0] = kernel.split(/[.-]/).map(Number);
  const [needMajor, needMinor] = IDMAPPED_OVERLAY_SINCE;
  if (major < needMajor || (major === needMajor && minor < needMinor)) {
    return cannot(`Linux ${kernel} has no idmapped layers for overlayfs; they came with ${needMajor}.${needMinor}.`);
  }
  const tried = await host.run(["unshare", "--user", "--map-root-user", "true"]);
  if (tried === null) return cannot("unshare is not installed (Debian: apt-get install util-linux).");
  if (tried.exitCode !== 0) return cannot(`The kernel refuses user namespaces: ${firstLine(tried.stderr)}.`);
  return can("User namespaces and idmapped layers work: every VPS has ids of its own.");
}

async function probeOverlay({ host, kernel }: ProbeFacts): Promise<Finding> {
  return (await kernelHas(host, kernel, "overlay"))
    ? can("overlayfs shares one template among all VPSs.")
    : cannot("The kernel has no overlayfs.");
}

async function probeStorage({ host, kernel }: ProbeFacts): Promise<Finding> {
  if (!(await kernelHas(host, kernel, "btrfs"))) return cannot("The kernel has no btrfs.");
  const tool = await host.run(["btrfs", "--version"]);
  if (tool === null) return cannot("btrfs is not installed (Debian: apt-get install btrfs-progs).");
  return can(`btrfs holds the private areas, each with its limit (${firstLine(tool.stdout)}).`);
}

/** Tried in a network namespace that ends with the program. */
async function probeNetwork({ host }: ProbeFacts): Promise<Finding> {
  const inNamespace = (...argv: string[]) => host.run(["unshare", "--net", "ip", "link", "add", ...argv]);
  const bridge = await inNamespace("probe0", "type", "bridge");
  if (bridge === null) return cannot("ip is not installed (Debian: apt-get install iproute2).");
  if (bridge.exitCode !== 0) return cannot(`A bridge cannot be made: ${firstLine(bridge.stderr)}.`);
  const veth = await inNamespace("probe1", "type", "veth", "peer", "name", "probe2");
  if (veth?.exitCode !== 0) return cannot(`A veth pair cannot be made: ${firstLine(veth?.stderr ?? "")}.`);
  return can("Bridges and veth pairs can be made.");
}

const CONTROLLERS_V2 = ["cpu", "memory", "pids"] as const;
const CONTROLLERS_V1 = ["cpu", "cpuacct", "memory", "pids", "devices", "freezer"] as const;

async function probeCgroups({ host, cgroupLayout }: ProbeFacts): Promise<Finding> {
  if (cgroupLayout === "none") return cannot("No control groups are mounted at /sys/fs/cgroup.");
  if (cgroupLayout === "v2") {
    const there = ((await host.read("/sys/fs/cgroup/cgroup.controllers")) ?? "").split(" ");
    const missing = CONTROLLERS_V2.filter((name) => !there.includes(name));
    return missing.length === 0
      ? can("cgroup v2 with cpu, memory and pids.")
      : cannot(`cgroup v2 is without: ${missing.join(", ")}.`);
  }
  const there = await host.list("/sys/fs/cgroup");
  const missing = CONTROLLERS_V1.filter((name) => !there.includes(name));
  return missing.length === 0
    ? can("cgroup v1 (hybrid layout) with all controllers that are needed.")
    : cannot(`cgroup v1 is without: ${missing.join(", ")}.`);
}

async function probeSeccomp({ host }: ProbeFacts): Promise<Finding> {
  const actions = (await host.read("/proc/sys/kernel/seccomp/actions_avail")) ?? "";
  if (!actions.includes("errno")) return cannot("The kernel has no seccomp filters.");
  const runc = await host.run(["runc", "--version"]);
  if (runc === null) return cannot("runc is not installed (Debian: apt-get install runc).");
  return runc.stdout.includes("libseccomp")
    ? can("System calls of VPSs are filtered.")
    : cannot("This runc was built without seccomp.");
}

async function probeNftables({ host }: ProbeFacts): Promise<Finding> {
  const tried = await host.run(["unshare", "--net", "nft", "add", "table", "bridge", "probe"]);
  if (tried === null) return cannot("nft is not installed (Debian: apt-get install nftables).");
  if (tried.exitCode !== 0) return cannot(`nftables does not work: ${firstLine(tried.stderr)}.`);
  return can("nftables can filter what VPSs send.");
}

async function probeEthtool({ host }: ProbeFacts): Promise<Finding> {
  const tool = await host.run(["ethtool", "--version"]);
  return tool === null
    ? cannot("ethtool is not installed (Debian: apt-get install ethtool); driver and offloads stay unknown.")
    : can(`${firstLine(tool.stdout)} reports drivers and offloads.`);
}

/** Loaded, built in, or a module that the kernel will load by itself when it is first mounted. */
async function kernelHas(host: Host, kernel: string, fileSystem: string): Promise<boolean> {
  const name = new RegExp(`(^|\\s)${fileSystem}$`, "m");
  if (name.test((await host.read("/proc/filesystems")) ?? "")) return true;
  const modules = (await host.read(`/lib/modules/${kernel}/modules.dep`)) ?? "";
  return modules.includes(`/${fileSystem}.ko`);
}

const firstLine = (text: string): string => text.trim().split("\n")[0]?.replace(/\.$/, "") ?? "";
