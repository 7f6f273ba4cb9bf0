/** The rates of a VPS's link. */
import { MusterError } from "@muster/model/errors";
import type { Network } from "./ports.ts";

export type Shaping = Pick<Network, "setRate" | "readRate" | "findRate">;

export function openShaping(): Shaping {
  return {
    setRate: async (_vpsId, _direction, bitsPerSecond) => {
      if (bitsPerSecond !== null) throw new MusterError("unsupported", "This node cannot hold the rate of a NIC.");
    },
    readRate: async () => null,
    findRate: async () => ({ available: false, detail: "This node cannot hold the rate of a NIC." }),
  };
}
