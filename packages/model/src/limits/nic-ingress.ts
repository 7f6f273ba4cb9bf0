import { limit, rateSchema } from "./limit.ts";

/** Below 100 kbit/s a full-size packet takes over 100 ms by itself. */
export const nicIngress = limit({
  title: "Incoming bandwidth",
  explanation: "What it may receive. Left open, only the node's own NIC bounds it.",
  unit: "bitsPerSecond",
  schema: rateSchema({ min: 100_000, max: 400_000_000_000, minText: "100 kbit/s", maxText: "400 Gbit/s" }),
  initial: null,
  shares: null,
  use: "ingress",
});
