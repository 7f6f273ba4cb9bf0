import { z } from "zod";
import { GIB, MIB } from "../units.ts";
import { limit } from "./limit.ts";

export const memoryMax = limit({
  title: "Memory",
  explanation: "The most memory it may hold. Beyond it its own largest process is ended, never a neighbour's.",
  unit: "bytes",
  schema: z
    .number()
    .int()
    .min(16 * MIB, "must be at least 16 MiB")
    .max(4096 * GIB, "must be at most 4 TiB"),
  initial: 512 * MIB,
  shares: "memory",
  use: "memory",
});
