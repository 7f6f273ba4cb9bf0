import { z } from "zod";
import { GIB } from "../units.ts";
import { limit } from "./limit.ts";

export const memorySwap = limit({
  title: "Swap",
  explanation: "How much of its memory the node may move out to its swap space, beyond the memory itself.",
  unit: "bytes",
  schema: z
    .number()
    .int()
    .min(0, "must not be negative")
    .max(4096 * GIB, "must be at most 4 TiB"),
  initial: 0,
  shares: null,
  use: null,
});
