/** The smallest root file system that answers HTTP: busybox as init, shell and web server. */
import { chmod, copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runOk } from "../engine/exec.ts";

const DIRECTORIES = ["bin", "sbin", "etc", "proc", "sys", "dev", "run", "tmp", "root", "var/www", "mnt"];

export async function writeBusyboxArchive(path: string): Promise<void> {
  const root = await mkdtemp(join(tmpdir(), "muster-busybox-"));
  try {
    await chmod(root, 0o755);
    for (const directory of DIRECTORIES) await mkdir(join(root, directory), { recursive: true });
    await copyFile("/bin/busybox", join(root, "bin/busybox"));
    const applets = await runOk({ program: "/bin/busybox", args: ["--list"], timeoutMs: 5000 });
    for (const applet of applets.split("\n").filter((name) => name !== "" && name !== "busybox")) {
      await symlink("/bin/busybox", join(root, "bin", applet));
    }
    await symlink("/bin/busybox", join(root, "sbin/init"));
    await writeFile(join(root, "etc/inittab"), "::respawn:/bin/httpd -f -p 80 -h /var/www\n");
    await writeFile(join(root, "etc/passwd"), "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534::/:/bin/false\n");
    await writeFile(join(root, "var/www/index.html"), "it answers\n");
    const owners = ["--owner=0", "--group=0", "--numeric-owner"];
    await runOk({ program: "tar", args: ["--create", ...owners, "--file", path, "-C", root, "."], timeoutMs: 20_000 });
  } finally {
    await rm(root, { recursive: true });
  }
}
