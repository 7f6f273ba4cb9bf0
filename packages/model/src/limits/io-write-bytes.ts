import { KIB, MIB } from "../units.ts";
import { limit, rateSchema } from "./limit.ts";

export const ioWriteBytes = limit({
  title: "Disk write rate",
  explanation: "Bytes per second that it may write to the node's disk.",
  unit: "bytesPerSecond",
  schema: rateSchema({ min: 64 * KIB, max: 1_048_576 * MIB, minText: "64 KiB/s", maxText: "1 TiB/s" }),
  initial: null,
  shares: null,
  use: null,
});
