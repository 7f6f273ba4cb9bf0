import { z } from "zod";
import { limit } from "./limit.ts";

export const pidsMax = limit({
  title: "Processes",
  explanation: "Processes and threads that it may have at once: what stops a fork bomb.",
  unit: "processes",
  schema: z.number().int().min(16, "must be at least 16").max(1_000_000, "must be at most 1,000,000"),
  initial: 512,
  shares: null,
  use: "pids",
});
