import { limit, rateSchema } from "./limit.ts";

export const ioReadOperations = limit({
  title: "Disk read operations",
  explanation: "Operations per second that it may read from the node's disk.",
  unit: "operationsPerSecond",
  schema: rateSchema({ min: 10, max: 10_000_000, minText: "10 a second", maxText: "10 million a second" }),
  initial: null,
  shares: null,
  use: null,
});
