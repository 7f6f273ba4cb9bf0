import { z } from "zod";
import { limit } from "./limit.ts";

/** The quota of the kernel's CFS bandwidth control; the bounds are Muster's own, a node's size bounds it further. */
export const cpuCores = limit({
  title: "CPU cores",
  explanation: "The CPU time it may use in all, in cores: 0.5 is half of one.",
  unit: "cores",
  schema: z.number().min(0.1, "must be at least 0.1").max(512, "must be at most 512"),
  initial: 1,
  shares: "cpu",
  use: "cpu",
});
