/** Whether running VPSs can be checkpointed here, and how well. All of it asks CRIU itself. */
import { can, cannot, type Finding, type ProbeFacts } from "./finding.ts";

const NO_CRIU = "CRIU is not installed; the set-up builds it, or name one with MUSTER_CRIU.";

export async function probeCheckpoint({ host, criu }: ProbeFacts): Promise<Finding> {
  if (criu === null) return cannot(NO_CRIU);
  const check = await host.run([criu, "check"]);
  if (check === null) return cannot(NO_CRIU);
  const version = /^Version: (\S+)/m.exec((await host.run([criu, "--version"]))?.stdout ?? "")?.[1] ?? "unknown";
  // 3.17.1, Debian 12's own, fails on kernels that split the vvar area (6.13 and later).
  if (check.exitCode !== 0) return cannot(`CRIU ${version} does not work on this kernel: ${lastError(check.stderr)}`);
  return can(`CRIU ${version} passes its own check.`);
}

/**
 * An unpatched page server loses about 185 ms at the end of every migration: TCP_CORK is still on when the closing
 * message is sent (criu/page-xfer.c). The set-up's build takes it off, and says so in its version.
 */
export async function probePageServer({ host, criu }: ProbeFacts): Promise<Finding> {
  if (criu === null) return cannot(NO_CRIU);
  const version = (await host.run([criu, "--version"]))?.stdout ?? "";
  return version.includes("muster-uncorked")
    ? can("This CRIU was built with the mended page server.")
    : cannot("Not known of this CRIU: Muster's set-up did not build it. Migrations may pause 185 ms longer.");
}

/** Pre-copy needs it: it tells which pages were written since the last look. */
export async function probeSoftDirty({ host, criu }: ProbeFacts): Promise<Finding> {
  if (criu === null) return cannot(NO_CRIU);
  const check = await host.run([criu, "check", "--feature", "mem_dirty_track"]);
  return check?.exitCode === 0
    ? can("The kernel tracks written pages: memory can be copied before the freeze.")
    : cannot("The kernel does not track written pages (CONFIG_MEM_SOFT_DIRTY is not set).");
}

function lastError(stderr: string): string {
  const lines = stderr.trim().split("\n");
  return lines.findLast((line) => line.includes("Error"))?.trim() ?? lines.at(-1) ?? "it does not say why.";
}
