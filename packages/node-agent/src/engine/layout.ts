/**
 * Where the engine keeps things. What has to survive a reboot is below the agent's data directory; what a reboot
 * takes away (mounts, runc's state) is below /run, with a name that follows from that directory, so that two
 * agents with two directories never meet.
 *
 * The roots are not below the data directory for one more reason: the guest's init walks to its root with the
 * rights of its own user namespace, and a data directory may stand where only root may pass.
 */
import { createHash } from "node:crypto";
import { join } from "node:path";
import type { VpsId } from "@muster/model/ids";

export interface Layout {
  agentDir: string;
  journalDir: string;
  poolDir: string;
  poolImage: string;
  templatesDir: string;
  importDir: string;
  /** All that a reboot takes away. */
  runDir: string;
  /** runc's --root: its state of every container. */
  runcRoot: string;
  bundleDir(vpsId: VpsId): string;
  /** What root-mount and root-unmount of the native helper get. */
  mountDir(vpsId: VpsId): string;
  rootfs(vpsId: VpsId): string;
  templateRootfs(name: string): string;
}

export function layoutOf(agentDir: string): Layout {
  const runDir = join("/run/muster", createHash("sha256").update(agentDir).digest("hex").slice(0, 8));
  const mountDir = (vpsId: VpsId) => join(runDir, "vps", vpsId);
  const templatesDir = join(agentDir, "templates");
  return {
    agentDir,
    journalDir: join(agentDir, "journal"),
    poolDir: join(agentDir, "pool"),
    poolImage: join(agentDir, "pool.img"),
    templatesDir,
    importDir: join(agentDir, "import"),
    runDir,
    runcRoot: join(runDir, "runc"),
    bundleDir: (vpsId) => join(agentDir, "vps", vpsId),
    mountDir,
    rootfs: (vpsId) => join(mountDir(vpsId), "root"),
    templateRootfs: (name) => join(templatesDir, name, "rootfs"),
  };
}
