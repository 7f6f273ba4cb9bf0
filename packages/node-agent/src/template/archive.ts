/**
 * A tar archive of a root file system: looked through before anything of it is unpacked.
 *
 * GNU tar itself strips leading slashes, skips members with ".." and holds symlinks back until the end, so an
 * archive cannot write outside. It is looked through all the same: one that tries is not a root file system.
 */
import { MusterError } from "@muster/model/errors";
import { run } from "../engine/exec.ts";
import { ID_RANGE_SIZE } from "../vps/id-range.ts";

/** A Debian of 230 MB takes a second; a slow disk and a big template may take minutes. */
const TIMEOUT_MS = 10 * 60_000;
/** 100 bytes a member: some 600,000 of them. */
const LISTING_LIMIT_BYTES = 64 * 1024 * 1024;

/** tar tells of every 256th record that it has read; a record has twenty blocks of 512 bytes. */
const CHECKPOINTS = ["--checkpoint=256", "--checkpoint-action=echo=record %u"];
const CHECKPOINT_LINE = /^tar: record (\d+)$/gm;
const RECORD_BYTES = 10_240;

/** mode, owner/group, size (or major,minor of a device), date, time, name. */
const MEMBER = /^(\S+) +(\d+)\/(\d+) +(\S+) \S+ \S+ (.*)$/;

export interface ArchiveFacts {
  sizeBytes: number;
}

/** archive_invalid */
export async function inspectArchive(path: string, signal: AbortSignal): Promise<ArchiveFacts> {
  const outcome = await run({
    program: "tar",
    args: ["--list", "--verbose", "--numeric-owner", "--quoting-style=escape", "--absolute-names", "--file", path],
    timeoutMs: TIMEOUT_MS,
    signal,
    outputLimitBytes: LISTING_LIMIT_BYTES,
  });
  if (outcome.exitCode !== 0) {
    throw invalid("The file is not a tar archive that can be read to its end.", outcome.stderr);
  }
  if (outcome.truncated) throw invalid("The archive has too many members.");
  return inspectListing(outcome.stdout);
}

/** archive_invalid */
export function inspectListing(listing: string): ArchiveFacts {
  let sizeBytes = 0;
  for (const line of listing.split("\n").filter((text) => text !== "")) {
    const [, mode = "", owner = "", group = "", size = "", rest = ""] = MEMBER.exec(line) ?? [];
    if (mode === "") throw invalid("The archive has a member that cannot be understood.", line);
    const name = mode.startsWith("l") ? rest.split(" -> ", 1).join("") : rest;
    // A hard link's target is a path of the archive too.
    const paths = mode.startsWith("h") ? name.split(" link to ") : [name];
    if (!paths.every(staysInside)) throw invalid("The archive has a member outside its own root.", line);
    if (Math.max(Number(owner), Number(group)) >= ID_RANGE_SIZE) {
      throw invalid(`The archive has an owner above ${ID_RANGE_SIZE - 1}; a VPS has no such id.`, line);
    }
    if (mode.startsWith("-")) sizeBytes += Number(size);
  }
  return { sizeBytes };
}

/** archive_invalid, disk_full */
export async function unpackArchive(
  { path, directory }: { path: string; directory: string },
  signal: AbortSignal,
  unpacked: (bytes: number) => void = () => undefined,
): Promise<void> {
  const keep = ["--numeric-owner", "--same-owner", "--preserve-permissions", "--xattrs", "--xattrs-include=*"];
  const outcome = await run({
    program: "tar",
    args: ["--extract", ...keep, ...CHECKPOINTS, "--file", path, "--directory", directory],
    timeoutMs: TIMEOUT_MS,
    signal,
    onStderr: checkpoints((records) => unpacked(records * RECORD_BYTES)),
  });
  if (outcome.exitCode === 0) return;
  if (outcome.stderr.includes("No space left on device")) {
    throw new MusterError("disk_full", "The node's disk has no room for the template.", {
      cause: new Error(outcome.stderr),
    });
  }
  throw invalid("The archive could not be unpacked.", outcome.stderr.replaceAll(CHECKPOINT_LINE, "").trim());
}

/** tar writes a line in several pieces. */
function checkpoints(reached: (records: number) => void): (text: string) => void {
  let rest = "";
  return (text) => {
    const lines = `${rest}${text}`.split("\n");
    rest = lines.pop() ?? "";
    for (const [, records] of lines.join("\n").matchAll(CHECKPOINT_LINE)) reached(Number(records));
  };
}

function staysInside(path: string): boolean {
  return !path.startsWith("/") && !path.split("/").includes("..");
}

function invalid(message: string, detail?: string): MusterError {
  return new MusterError("archive_invalid", message, detail === undefined ? {} : { cause: new Error(detail) });
}
