/** The real engine: runc, btrfs and overlayfs, a bridge and netlink, cgroups. */
import { type BridgeConfig, openBridge } from "./bridge.ts";
import { openBtrfs } from "./btrfs.ts";
import { openCgroups } from "./cgroups.ts";
import { hostClock } from "./clock.ts";
import { openGuard } from "./guard.ts";
import type { Layout } from "./layout.ts";
import type { PoolConfig } from "./pool.ts";
import type { Engine } from "./ports.ts";
import { openRunc } from "./runc.ts";

export interface EngineConfig {
  layout: Layout;
  pool: PoolConfig;
  bridge: BridgeConfig;
}

/** unsupported, when the host has no cgroups */
export function openEngine({ layout, pool, bridge }: EngineConfig): Engine {
  const cgroups = openCgroups(hostClock);
  const guard = openGuard(bridge.bridge);
  return {
    clock: hostClock,
    cgroups,
    containers: openRunc({ layout, cgroups, clock: hostClock, guard, bridge }),
    storage: openBtrfs(layout, pool),
    network: openBridge(bridge, guard),
  };
}
