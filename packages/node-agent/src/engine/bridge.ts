/** The bridge that a node's VPSs are plugged into; the host holds the gateway's address on it. */
import { existsSync } from "node:fs";
import { macOf, parseNetwork } from "@muster/model/address";
import { runOk } from "./exec.ts";
import type { Guard } from "./guard.ts";
import type { Network } from "./ports.ts";
import { openShaping } from "./shaping.ts";

const TIMEOUT_MS = 10_000;

export interface BridgeConfig {
  bridge: string;
  network: string;
  gateway: string;
}

export function openBridge({ bridge, network, gateway }: BridgeConfig, guard: Guard): Network {
  const ip = (...args: string[]) => runOk({ program: "ip", args, timeoutMs: TIMEOUT_MS });
  return {
    prepare: async () => {
      if (!existsSync(`/sys/class/net/${bridge}`)) {
        // A bridge without an address of its own borrows the lowest of its ports', and changes it as VPSs come and
        // go: each time every guest would talk to a gateway that is no longer there until its ARP cache gives in.
        const own = ["address", macOf(gateway), "type", "bridge", "forward_delay", "0", "stp_state", "0"];
        await ip("link", "add", "name", bridge, ...own);
      }
      await ip("address", "replace", `${gateway}/${parseNetwork(network).prefix}`, "dev", bridge);
      await ip("link", "set", "dev", bridge, "up");
      await guard.prepare();
    },
    protect: (plan) => guard.permit(plan),
    ...openShaping(),
  };
}
