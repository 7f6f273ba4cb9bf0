/**
 * Debian 12 with systemd, ssh and cron, from Debian's own packages by the mirror that the host's apt uses.
 *
 * What systemd needs to boot to `running` in an unprivileged VPS, and to be moved more than once, was measured:
 * - /etc/localtime a regular file: a watch on a symbolic link is restored on what it leads to, and the second
 *   dump then fails;
 * - no /etc/hostname: the VPS's name comes from outside, and systemd may not set one;
 * - no getty: there is no tty;
 * - no host keys: each VPS makes its own at its first boot, before ssh listens. Nobody has a password.
 */
import { runOk } from "../engine/exec.ts";

const TIMEOUT_MS = 15 * 60_000;

const PACKAGES = [
  ...["systemd-sysv", "dbus", "openssh-server", "cron", "iproute2", "iputils-ping", "procps", "less", "nano"],
  ...["ca-certificates", "tzdata"],
];

const HOST_KEYS_UNIT = `[Unit]
Description=Host keys of this VPS
ConditionPathExists=!/etc/ssh/ssh_host_ed25519_key
Before=ssh.service

[Service]
Type=oneshot
ExecStart=/usr/bin/ssh-keygen -A

[Install]
WantedBy=multi-user.target
`;

const MASKED = ["console-getty.service", "getty@.service", "getty.target", "systemd-udevd.service"];

/** A hook gets the new root as $1. Every line is ours: nothing that a user typed is in it. */
const HOOKS = [
  'rm -f "$1"/etc/hostname "$1"/etc/resolv.conf "$1"/etc/ssh/ssh_host_*',
  'cp --remove-destination "$1"/usr/share/zoneinfo/Etc/UTC "$1"/etc/localtime',
  `printf %s '${HOST_KEYS_UNIT}' > "$1"/etc/systemd/system/muster-host-keys.service`,
  'chroot "$1" systemctl enable muster-host-keys.service ssh.service cron.service',
  `chroot "$1" systemctl mask ${MASKED.join(" ")}`,
  'chroot "$1" passwd --lock root',
  'printf "127.0.0.1 localhost\\n::1 localhost\\n" > "$1"/etc/hosts',
  ': > "$1"/etc/machine-id',
  'rm -rf "$1"/var/cache/apt/* "$1"/var/lib/apt/lists/* "$1"/var/log/*.log "$1"/usr/share/doc/*',
];

/** Writes the archive. unsupported where mmdebstrap is missing, engine_failed with its own words. */
export async function buildDebian(archive: string): Promise<void> {
  const hooks = HOOKS.map((hook) => `--customize-hook=${hook}`);
  await runOk({
    program: "mmdebstrap",
    args: ["--variant=minbase", `--include=${PACKAGES.join(",")}`, ...hooks, "--format=tar", "bookworm", archive],
    timeoutMs: TIMEOUT_MS,
    env: { SOURCE_DATE_EPOCH: "0", HOME: "/root" },
  });
}
