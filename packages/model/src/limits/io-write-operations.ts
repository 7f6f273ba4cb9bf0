import { limit, rateSchema } from "./limit.ts";

export const ioWriteOperations = limit({
  title: "Disk write operations",
  explanation: "Operations per second that it may write to the node's disk.",
  unit: "operationsPerSecond",
  schema: rateSchema({ min: 10, max: 10_000_000, minText: "10 a second", maxText: "10 million a second" }),
  initial: null,
  shares: null,
  use: null,
});
