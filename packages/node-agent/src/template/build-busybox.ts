/**
 * The smallest template: busybox alone, as init, shell and web server. It is made from the host's busybox-static in
 * about a second, needs no network, and is the same archive whenever that busybox is the same.
 */
import { readFile } from "node:fs/promises";
import { MusterError } from "@muster/model/errors";
import { run } from "../engine/exec.ts";
import { type TarMember, tarOf } from "./tar.ts";

const BUSYBOX = ["/bin/busybox", "/usr/bin/busybox"];
const LIST_TIMEOUT_MS = 10_000;

const DIRECTORIES = [
  ...["bin", "dev", "etc", "home", "mnt", "proc", "run", "sbin", "sys", "usr", "usr/bin", "usr/sbin"],
  ...["usr/local", "usr/local/bin", "usr/local/sbin", "var", "var/log", "var/spool", "var/www"],
];

/** No getty: a VPS has no console of its own, terminals come from outside. */
const INITTAB = `::respawn:/etc/www
::ctrlaltdel:/sbin/poweroff
`;

/** One process, no fork: what stands between a start and the first answer is this. */
const WWW = `#!/bin/sh
read -r name < /proc/sys/kernel/hostname
printf '<!doctype html>\\n<title>%s</title>\\n<h1>%s</h1>\\n<p>A VPS of Muster, made of busybox.</p>\\n' "$name" "$name" > /var/www/index.html
exec httpd -f -p 80 -h /var/www
`;

const FILES: Record<string, string> = {
  "etc/inittab": INITTAB,
  "etc/passwd": "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/nonexistent:/bin/false\n",
  "etc/group": "root:x:0:\ntty:x:5:\nnogroup:x:65534:\n",
  "etc/shadow": "root:*:19000:0:99999:7:::\nnobody:*:19000:0:99999:7:::\n",
  "etc/hosts": "127.0.0.1 localhost\n::1 localhost\n",
  "etc/profile": "export PS1='\\u@\\h:\\w\\$ '\n",
  "etc/os-release": 'PRETTY_NAME="Muster busybox"\nID=busybox\n',
};
const MODES: Record<string, number> = { "etc/shadow": 0o600 };

/** Init is started by its own name and knows itself by it. */
const SBIN = new Set(["init", "poweroff", "reboot", "halt"]);

/** unsupported, where there is no static busybox */
export async function buildBusybox(): Promise<Buffer> {
  const { binary, applets } = await findBusybox();
  const links = applets
    .filter((name) => /^[a-z0-9[][a-z0-9._[-]*$/.test(name) && name !== "busybox")
    .map((name): TarMember => {
      const path = SBIN.has(name) ? `sbin/${name}` : `bin/${name}`;
      return { type: "link", path, target: SBIN.has(name) ? "../bin/busybox" : "busybox" };
    });
  return tarOf([
    ...DIRECTORIES.map((path): TarMember => ({ type: "directory", path })),
    { type: "directory", path: "root", mode: 0o700 },
    { type: "directory", path: "tmp", mode: 0o1777 },
    { type: "file", path: "bin/busybox", content: binary, mode: 0o755 },
    ...links,
    ...Object.entries(FILES).map(
      ([path, content]): TarMember => ({ type: "file", path, content, mode: MODES[path] ?? 0o644 }),
    ),
    { type: "file", path: "etc/www", content: WWW, mode: 0o755 },
  ]);
}

async function findBusybox(): Promise<{ binary: Buffer; applets: string[] }> {
  for (const path of BUSYBOX) {
    const binary = await readFile(path).catch(() => null);
    if (binary === null || !isStatic(binary)) continue;
    const listed = await run({ program: path, args: ["--list"], timeoutMs: LIST_TIMEOUT_MS });
    const applets = listed.stdout.split("\n").filter((name) => name !== "");
    const missing = ["init", "httpd", "sh"].filter((name) => !applets.includes(name));
    if (missing.length === 0) return { binary, applets: applets.sort() };
  }
  throw new MusterError("unsupported", "There is no static busybox here (Debian: apt-get install busybox-static).");
}

const PT_INTERP = 3;

/** An ELF program with an interpreter needs that interpreter's libraries (man 5 elf, 64 bit, little endian). */
export function isStatic(binary: Buffer): boolean {
  if (binary.toString("latin1", 0, 4) !== "\x7fELF") return false;
  const tableOffset = Number(binary.readBigUInt64LE(32));
  const entryBytes = binary.readUInt16LE(54);
  const count = binary.readUInt16LE(56);
  const types = Array.from({ length: count }, (_, index) => binary.readUInt32LE(tableOffset + index * entryBytes));
  return !types.includes(PT_INTERP);
}
