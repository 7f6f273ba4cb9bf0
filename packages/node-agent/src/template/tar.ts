/** A tar archive (POSIX.1-1988 ustar) that is the same, byte by byte, whenever it is made of the same things. */

export type TarMember =
  | { type: "directory"; path: string; mode?: number }
  | { type: "file"; path: string; content: Buffer | string; mode?: number }
  | { type: "link"; path: string; target: string };

const BLOCK_BYTES = 512;
const TYPE_FLAGS = { file: "0", link: "2", directory: "5" } as const;
const DEFAULT_MODES = { file: 0o644, link: 0o777, directory: 0o755 } as const;

/** All owned by root, all of the first second of 1970. */
export function tarOf(members: readonly TarMember[]): Buffer {
  const parts = members.flatMap((member) => {
    const content = member.type === "file" ? Buffer.from(member.content) : Buffer.alloc(0);
    const padding = Buffer.alloc((BLOCK_BYTES - (content.length % BLOCK_BYTES)) % BLOCK_BYTES);
    return [header(member, content.length), content, padding];
  });
  return Buffer.concat([...parts, Buffer.alloc(2 * BLOCK_BYTES)]);
}

function header(member: TarMember, size: number): Buffer {
  const block = Buffer.alloc(BLOCK_BYTES);
  const text = (offset: number, length: number, value: string) => {
    if (Buffer.byteLength(value) > length) throw new Error(`too long for a tar header: ${value}`);
    block.write(value, offset, "utf8");
  };
  const octal = (offset: number, length: number, value: number) =>
    text(offset, length, `${value.toString(8).padStart(length - 1, "0")}\0`);
  const mode = member.type === "link" ? DEFAULT_MODES.link : (member.mode ?? DEFAULT_MODES[member.type]);
  text(0, 100, member.type === "directory" ? `./${member.path}/` : `./${member.path}`);
  octal(100, 8, mode);
  octal(108, 8, 0);
  octal(116, 8, 0);
  octal(124, 12, size);
  octal(136, 12, 0);
  text(148, 8, "        "); // the checksum counts itself as spaces
  text(156, 1, TYPE_FLAGS[member.type]);
  text(157, 100, member.type === "link" ? member.target : "");
  text(257, 8, "ustar\u000000");
  text(265, 32, "root");
  text(297, 32, "root");
  const sum = block.reduce((total, byte) => total + byte, 0);
  text(148, 8, `${sum.toString(8).padStart(6, "0")}\0 `);
  return block;
}
