/**
 * Memory that a VPS holds, as free(1) counts it: without the cache of files, which the kernel gives back when memory
 * is asked for. Shared memory stands among the files and is held.
 */
const FIELDS = {
  v2: { files: "file", shared: "shmem" },
  "v1-hybrid": { files: "total_cache", shared: "total_shmem" },
} as const;

/** @param texts memory.current or memory.usage_in_bytes, and memory.stat, as they are read. */
export function heldMemory(layout: "v1-hybrid" | "v2", texts: { usage: string; stat: string }): number {
  const { files, shared } = FIELDS[layout];
  const cacheBytes = statField(texts.stat, files) - statField(texts.stat, shared);
  return Math.max(0, Number(texts.usage) - cacheBytes);
}

/** The number of a line `name 123`. */
export function statField(text: string, field: string): number {
  const at = `\n${text}`.indexOf(`\n${field} `);
  return at === -1 ? 0 : Number.parseInt(text.slice(at + field.length + 1), 10);
}
