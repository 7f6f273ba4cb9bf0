// @ts-check
/**
 * The Debian packages that a node needs, each with its reason. Installed only as root, only on Debian and only what is
 * missing; everywhere else the product starts with simulated nodes and says what is missing.
 */
import { existsSync } from "node:fs";
import { attempt, must } from "./command.mjs";
import { setupLog } from "./places.mjs";
import { step } from "./say.mjs";

/** @type {Record<"node" | "build" | "criuBuild" | "tests", Record<string, string>>} */
export const PACKAGES = {
  node: {
    runc: "runs the VPSs",
    "btrfs-progs": "their private areas",
    iproute2: "bridges and veths",
    nftables: "address guards",
    ethtool: "what a NIC's driver says of itself",
    rsync: "copies between nodes",
    kmod: "loads overlay and btrfs where they are modules",
    mount: "mounts and loop devices",
    "util-linux": "name spaces, and dropping rights",
    "busybox-static": "the small template",
    mmdebstrap: "the Debian template",
    "xz-utils": "compressed templates",
    zstd: "compressed templates",
  },
  build: {
    gcc: "the native helper",
    "libc6-dev": "the native helper",
    make: "CRIU",
  },
  criuBuild: Object.fromEntries(
    [
      ["build-essential", "pkg-config", "curl", "ca-certificates", "libbsd-dev", "libcap-dev", "libnet1-dev"],
      ["libnl-3-dev", "libnl-route-3-dev", "libprotobuf-c-dev", "libprotobuf-dev", "protobuf-c-compiler"],
      ["protobuf-compiler", "uuid-dev", "libnftables-dev", "libgnutls28-dev", "libaio-dev", "libdrm-dev"],
    ]
      .flat()
      .map((name) => [name, "CRIU"]),
  ),
  tests: {
    chromium: "the browser tests",
    "fonts-dejavu-core": "letters in the browser's pictures",
    curl: "tests that look at a VPS from outside",
    e2fsprogs: "a full disk, made for a test",
  },
};

/**
 * @param {string[]} wanted
 * @param {string} listing what `dpkg-query -W -f '${Package} ${db:Status-Status}\n'` printed
 */
export function missingPackages(wanted, listing) {
  const installed = new Set(
    listing
      .split("\n")
      .map((line) => line.split(" "))
      .filter(([, status]) => status === "installed")
      .map(([name]) => name),
  );
  return wanted.filter((name) => !installed.has(name));
}

export function isDebian() {
  return existsSync("/etc/debian_version") && existsSync("/usr/bin/dpkg-query");
}

export function mayInstallPackages() {
  return process.platform === "linux" && process.getuid?.() === 0 && isDebian();
}

/** @param {string[]} wanted */
async function missingNow(wanted) {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg-query's own placeholders
  const format = "${Package} ${db:Status-Status}\\n";
  const { stdout } = await attempt("dpkg-query", ["-W", "-f", format, ...wanted]);
  return missingPackages(wanted, stdout);
}

const APT_ENV = { ...process.env, DEBIAN_FRONTEND: "noninteractive", LC_ALL: "C" };
/** Another apt may be at work, at boot above all; five minutes is what unattended-upgrades can take. */
const APT = ["-o", "DPkg::Lock::Timeout=300", "-o", "Acquire::Retries=3", "-q", "-y"];

const OTHERWISE = "Without them: npm start -- --simulate 3";

/** @param {(keyof typeof PACKAGES)[]} groups */
export async function installPackages(groups) {
  const wanted = [...new Set(groups.flatMap((group) => Object.keys(PACKAGES[group])))];
  const missing = await missingNow(wanted);
  if (missing.length === 0) return;
  await step(
    `Installing ${missing.length} Debian packages (${missing.slice(0, 6).join(", ")}${missing.length > 6 ? ", ..." : ""})`,
    async () => {
      const options = { env: APT_ENV, log: setupLog("apt") };
      /** @type {[string, string[]]} */
      const install = ["apt-get", [...APT, "install", "--no-install-recommends", ...missing]];
      // The package lists of a fresh image are empty or stale; fetching them costs 10 s, so only when the first try fails.
      if ((await attempt(...install, options)).code === 0) return;
      await must(
        `apt-get update failed: check the network and apt's sources. ${OTHERWISE}`,
        ["apt-get", [...APT, "update"]],
        options,
      );
      await must(`apt could not install ${missing.join(" ")}. Install them by hand. ${OTHERWISE}`, install, options);
    },
  );
}
