/** A Debian with systemd on a trial node, and how to wait for it. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { copyFile, link } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { setTimeout } from "node:timers/promises";
import type { Placements } from "../vps/placements.ts";
import { debianArchive } from "./debian-archive.ts";
import { inside, type TrialNode } from "./trial-node.ts";

const MIB = 1024 * 1024;
const never = new AbortController().signal;
/** Minutes where the archive has to be built from Debian's mirror first. */
export const BUILD_TIMEOUT_MS = 600_000;

/** Created and started; its id. */
export async function startSystemdGuest(node: TrialNode, agent: Placements): Promise<string> {
  const archive = await debianArchive();
  const place = join(node.layout.importDir, "debian.tar");
  await link(archive, place).catch(() => copyFile(archive, place));
  const hash = createHash("sha256");
  await pipeline(createReadStream(place), hash);
  const template = { name: "debian-12", description: "", init: "systemd", fileName: "debian.tar" } as const;
  await agent.importTemplate({ key: "t", ...template, sha256: hash.digest("hex") }, never);
  const input = node.creation(1, { "memory.max": 512 * MIB, "disk.max": 256 * MIB, "pids.max": 512 });
  input.spec.template = "debian-12";
  await agent.create(input, never);
  await agent.start({ vpsId: input.vpsId, epoch: 1, key: "s" }, never);
  return input.vpsId;
}

/** What systemd says of itself when it has come to rest. */
export async function settledState(node: TrialNode, vpsId: string): Promise<string> {
  let state = "";
  for (const endMs = Date.now() + 40_000; Date.now() < endMs; await setTimeout(200)) {
    state = (await inside(node, vpsId, "systemctl", "is-system-running")).stdout.trim();
    if (["running", "degraded", "maintenance"].includes(state)) break;
  }
  return state;
}
