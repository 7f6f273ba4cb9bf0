/** "memoryBytes.desc" in the URL. */
import { z } from "zod";
import type { VpsSort } from "./queries.ts";

const sortSchema = z
  .string()
  .transform((text) => text.split("."))
  .pipe(
    z.tuple([
      z.enum(["name", "state", "node", "address", "memoryBytes", "cpuCores", "createdAt"]),
      z.enum(["asc", "desc"]),
    ]),
  )
  .transform(([field, direction]): VpsSort => ({ field, direction }));

export function parseSort(text: string | null | undefined): VpsSort | null {
  const parsed = sortSchema.safeParse(text);
  return parsed.success ? parsed.data : null;
}

export function sortToText(sort: VpsSort): string {
  return `${sort.field}.${sort.direction}`;
}
