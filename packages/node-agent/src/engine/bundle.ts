/**
 * The OCI configuration of a VPS: an unprivileged system with namespaces, ids, network and limits of its own.
 * It is written anew at every start, so that a newer agent's rules reach a VPS when it is restarted.
 */
import { parseNetwork } from "@muster/model/address";
import { ID_RANGE_SIZE } from "../vps/id-range.ts";
import type { CgroupPlace } from "./cgroups.ts";
import { INIT_RULES } from "./guest-init.ts";
import type { VpsPlan } from "./ports.ts";
import { SECCOMP_PROFILE } from "./seccomp.ts";

/**
 * No SYS_ADMIN and no BPF, and with them no way to mount, to trace or to make namespaces. All of these hold only
 * inside the VPS's own user namespace. SYS_BOOT there means: end this pid namespace, which is how `poweroff` works.
 */
const CAPABILITIES = [
  "CAP_AUDIT_WRITE",
  "CAP_CHOWN",
  "CAP_DAC_OVERRIDE",
  "CAP_FOWNER",
  "CAP_FSETID",
  "CAP_KILL",
  "CAP_MKNOD",
  "CAP_NET_ADMIN",
  "CAP_NET_BIND_SERVICE",
  "CAP_NET_RAW",
  "CAP_SETFCAP",
  "CAP_SETGID",
  "CAP_SETPCAP",
  "CAP_SETUID",
  "CAP_SYS_BOOT",
  "CAP_SYS_CHROOT",
];

/** What of /proc and /sys tells of the host or its other VPSs. What a kernel does not have is skipped by runc. */
const MASKED_PATHS = [
  "/proc/acpi",
  "/proc/kcore",
  "/proc/keys",
  "/proc/latency_stats",
  "/proc/sched_debug",
  "/proc/scsi",
  "/proc/timer_list",
  "/sys/devices/virtual/powercap",
  "/sys/firmware",
];

/** null, zero, full, random, urandom; then every tty and pty. */
const DEVICES: readonly (readonly [number, number | null])[] = [
  [1, 3],
  [1, 5],
  [1, 7],
  [1, 8],
  [1, 9],
  [5, null],
  [136, null],
];

export interface BundleSurroundings {
  rootfs: string;
  criuConfig: string;
  nativePath: string;
  bridge: string;
  network: string;
  gateway: string;
  cgroup: CgroupPlace;
  /** The agent's own hard limit of open files: without SYS_RESOURCE on the host, more cannot be given. */
  openFilesMax: number;
}

export function ociConfig(plan: VpsPlan, around: BundleSurroundings): object {
  const init = INIT_RULES[plan.init];
  const ids = [{ containerID: 0, hostID: plan.idBase, size: ID_RANGE_SIZE }];
  return {
    ociVersion: "1.0.2",
    hostname: plan.hostname,
    root: { path: around.rootfs, readonly: false },
    process: processOf(init.env, around.openFilesMax),
    mounts: [...MOUNTS, ...(init.cgroups ? [...SYSTEMD_MOUNTS, around.cgroup.mount] : [])],
    hooks: { createRuntime: [networkHook(plan, around)] },
    annotations: { "org.criu.config": around.criuConfig },
    linux: {
      namespaces: NAMESPACES.concat(init.cgroups ? ["cgroup"] : []).map((type) => ({ type })),
      uidMappings: ids,
      gidMappings: ids,
      cgroupsPath: around.cgroup.path,
      resources: { devices: deviceRules() },
      seccomp: SECCOMP_PROFILE,
      maskedPaths: MASKED_PATHS,
      readonlyPaths: ["/proc/sysrq-trigger"],
    },
  };
}

/** Its own network namespace, not one made before: CRIU cannot restore into one that another user namespace owns. */
const NAMESPACES = ["pid", "ipc", "uts", "mount", "network", "user"];

function processOf(env: readonly string[], openFilesMax: number): object {
  const sets = ["bounding", "effective", "permitted", "inheritable"];
  return {
    terminal: false,
    user: { uid: 0, gid: 0 },
    args: ["/sbin/init"],
    env: ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "TERM=linux", "HOME=/root", ...env],
    cwd: "/",
    capabilities: Object.fromEntries(sets.map((set) => [set, CAPABILITIES])),
    rlimits: [{ type: "RLIMIT_NOFILE", hard: openFilesMax, soft: Math.min(1024, openFilesMax) }],
    // Setuid programs are part of a system; they rise to the guest's root at most.
    noNewPrivileges: false,
  };
}

const tmpfs = (destination: string, ...options: string[]) => ({
  destination,
  type: "tmpfs",
  source: "tmpfs",
  options: ["nosuid", ...options],
});

const MOUNTS: readonly object[] = [
  { destination: "/proc", type: "proc", source: "proc" },
  tmpfs("/dev", "strictatime", "mode=755", "size=65536k"),
  {
    destination: "/dev/pts",
    type: "devpts",
    source: "devpts",
    options: ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"],
  },
  tmpfs("/dev/shm", "noexec", "nodev", "mode=1777", "size=65536k"),
  { destination: "/dev/mqueue", type: "mqueue", source: "mqueue", options: ["nosuid", "noexec", "nodev"] },
  tmpfs("/run", "nodev", "mode=755", "size=65536k"),
  { destination: "/sys", type: "sysfs", source: "sysfs", options: ["nosuid", "noexec", "nodev", "ro"] },
];

const SYSTEMD_MOUNTS: readonly object[] = [
  tmpfs("/run/lock", "nodev", "noexec", "mode=1777", "size=5120k"),
  tmpfs("/tmp", "nodev", "mode=1777"),
];

function deviceRules(): object[] {
  const allowed = DEVICES.map(([major, minor]) => ({
    allow: true,
    type: "c",
    major,
    ...(minor === null ? {} : { minor }),
    access: "rwm",
  }));
  return [{ allow: false, access: "rwm" }, ...allowed];
}

/** The same hook serves a start and a restore. The address is set by it each time; images do not hold it. */
function networkHook(plan: VpsPlan, around: BundleSurroundings): object {
  const { prefix } = parseNetwork(around.network);
  const args = [plan.vpsId, around.bridge, plan.mac, plan.address, String(prefix), around.gateway];
  return { path: around.nativePath, args: ["muster-native", "veth", ...args], timeout: 10 };
}

/**
 * Connections are moved by the agent's own switching of the bridge, not by CRIU's firewall rules; a dump must not
 * fail over a connection that nobody has accepted yet. systemd's dbus watches files of the template, which CRIU
 * finds again by searching where it is told to.
 */
export const CRIU_CONFIG = `network-lock skip
skip-in-flight
irmap-scan-path /usr/share/dbus-1
irmap-scan-path /etc/dbus-1
irmap-scan-path /var/lib
irmap-scan-path /etc
`;
