import { z } from "zod";
import { GIB, MIB } from "../units.ts";
import { limit } from "./limit.ts";

export const diskMax = limit({
  title: "Disk",
  explanation: "What it may write beside its template, whose own size does not count. Down to what is used now.",
  unit: "bytes",
  schema: z
    .number()
    .int()
    .min(64 * MIB, "must be at least 64 MiB")
    .max(16_384 * GIB, "must be at most 16 TiB"),
  initial: GIB,
  shares: "disk",
  use: "disk",
});
