/**
 * What a VPS may send: frames of its own MAC with its own address, and nothing else. A guest's root rules its own
 * interface, so without this it could take its neighbour's address or the gateway's.
 *
 * One nftables table per bridge, one chain per VPS behind a map by port: other ports of the host are never looked at.
 * Where the host has no nftables, VPSs run without it; the node's capability `nftables` says so.
 */
import type { VpsId } from "@muster/model/ids";
import { runOk } from "./exec.ts";
import type { VpsPlan } from "./ports.ts";

const TIMEOUT_MS = 10_000;

export interface Guard {
  prepare(): Promise<void>;
  /** engine_failed: a VPS that cannot be guarded on a host that has nftables must not run. */
  permit(plan: VpsPlan): Promise<void>;
  forget(vpsId: VpsId): Promise<void>;
}

export function openGuard(bridge: string): Guard {
  const table = tableOf(bridge);
  let available = false;
  const apply = (rules: string) => runOk({ program: "nft", args: ["-f", "-"], input: rules, timeoutMs: TIMEOUT_MS });
  return {
    prepare: async () => {
      available = await apply(tableRules(table)).then(
        () => true,
        () => false,
      );
    },
    permit: async (plan) => {
      if (!available) return;
      // A firewall that was loaded anew (`nft flush ruleset`) took the table with it: then it is made again.
      await apply(permitRules(table, plan)).catch(() => apply(tableRules(table) + permitRules(table, plan)));
    },
    forget: async (vpsId) => {
      // A rule that stays behind is for a port that is gone.
      if (available) await apply(forgetRules(table, vpsId)).catch(() => undefined);
    },
  };
}

export function tableOf(bridge: string): string {
  return `bridge muster_${bridge.replaceAll(/[^a-z0-9]/gi, "_")}`;
}

/** All of it may be there already: what VPSs that run were permitted stays. */
export function tableRules(table: string): string {
  return `
add table ${table}
add map ${table} ports { type ifname : verdict; }
add chain ${table} input { type filter hook prerouting priority -300; policy accept; }
flush chain ${table} input
add rule ${table} input iifname vmap @ports
`;
}

/**
 * IPv6 is for the link itself only: a node gives out no IPv6 addresses yet. A VPS is no router either: by an
 * advertisement (RFC 4861) the host and the neighbours would send it all their IPv6. No anonymous sets: with them this takes
 * half as long again (8 ms without, on an idle core, beside the 45 ms of runc).
 */
export function permitRules(table: string, { vpsId, mac, address }: VpsPlan): string {
  return `
add chain ${table} ${vpsId}
flush chain ${table} ${vpsId}
add rule ${table} ${vpsId} ether saddr != ${mac} drop
add rule ${table} ${vpsId} ether type arp arp saddr ether ${mac} arp saddr ip ${address} accept
add rule ${table} ${vpsId} ether type ip ip saddr ${address} accept
add rule ${table} ${vpsId} icmpv6 type nd-router-advert drop
add rule ${table} ${vpsId} icmpv6 type nd-redirect drop
add rule ${table} ${vpsId} ether type ip6 ip6 saddr fe80::/10 accept
add rule ${table} ${vpsId} drop
add element ${table} ports { "${vpsId}" : jump ${vpsId} }
`;
}

/** Made first, so that taking away what is not there is no error. */
export function forgetRules(table: string, vpsId: VpsId): string {
  return `
add chain ${table} ${vpsId}
add element ${table} ports { "${vpsId}" : jump ${vpsId} }
delete element ${table} ports { "${vpsId}" }
flush chain ${table} ${vpsId}
delete chain ${table} ${vpsId}
`;
}
