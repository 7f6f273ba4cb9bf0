import { KIB, MIB } from "../units.ts";
import { limit, rateSchema } from "./limit.ts";

export const ioReadBytes = limit({
  title: "Disk read rate",
  explanation: "Bytes per second that it may read from the node's disk; what the page cache holds is not counted.",
  unit: "bytesPerSecond",
  schema: rateSchema({ min: 64 * KIB, max: 1_048_576 * MIB, minText: "64 KiB/s", maxText: "1 TiB/s" }),
  initial: null,
  shares: null,
  use: null,
});
