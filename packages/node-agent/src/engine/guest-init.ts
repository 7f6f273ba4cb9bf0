/** What the three kinds of init need, and how each is asked to stop. */
import { constants } from "node:os";
import type { GuestInit } from "@muster/model/node";

interface InitRule {
  env: readonly string[];
  /** Wants to manage cgroups of its own, in a cgroup namespace. */
  cgroups: boolean;
  /** A signal to its pid 1, or a command inside. */
  stop: { signal: number } | { argv: readonly string[] };
}

/** SIGRTMIN is 34 to glibc, and systemd counts from there: SIGRTMIN+3 halts (man 1 systemd, "SIGNALS"). */
const SYSTEMD_HALT = 34 + 3;

export const INIT_RULES: Record<GuestInit, InitRule> = {
  // SIGUSR2 is "power off" to busybox init: it ends all others in order, then calls reboot(2).
  busybox: { env: [], cgroups: false, stop: { signal: constants.signals.SIGUSR2 } },
  // It listens on /run/initctl, not to signals.
  sysvinit: { env: [], cgroups: false, stop: { argv: ["/sbin/telinit", "0"] } },
  systemd: { env: ["container=oci"], cgroups: true, stop: { signal: SYSTEMD_HALT } },
};
