/** Reading and writing past the page cache, in a VPS, and how fast that goes. */
import { MIB } from "@muster/model/units";
import type { Guest } from "./effect.ts";

const FILE = "/root/direct";
const FILE_BYTES = 32 * MIB;

/** What is read has to be there first. */
export async function layFile(guest: Guest): Promise<void> {
  const { exitCode, stderr } = await guest.run(
    `dd if=/dev/zero of=${FILE} bs=1M count=${FILE_BYTES / MIB} oflag=direct`,
  );
  if (exitCode !== 0) throw new Error(`the file could not be laid: ${stderr}`);
}

export interface DirectIo {
  way: "read" | "write";
  blockBytes: number;
  count: number;
}

/** Blocks a second, by the guest's own clock. */
export async function blocksPerSecond(guest: Guest, { way, blockBytes, count }: DirectIo): Promise<number> {
  const ends =
    way === "read" ? `if=${FILE} of=/dev/null iflag=direct` : `if=/dev/zero of=${FILE} oflag=direct conv=notrunc`;
  const clock = "cat /proc/uptime";
  const { stdout, stderr } = await guest.run(`${clock}; dd ${ends} bs=${blockBytes} count=${count} && ${clock}`);
  const [began = "", ended] = stdout.split("\n").map((line) => line.split(" ")[0]);
  if (ended === undefined || ended === "") throw new Error(`dd did not end well: ${stderr}`);
  return count / (Number(ended) - Number(began));
}
