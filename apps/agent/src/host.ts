/** The machine that the agent runs on, as inventory and doctor read it. */
import { run } from "@muster/node-agent/engine/exec";
import { findCriu } from "@muster/node-agent/inventory/find-criu";
import { type Host, localHost } from "@muster/node-agent/inventory/host";
import type { Environment } from "./env.ts";

/** `criu check` tries a good deal of the kernel: half a second here, more on a busy machine. */
const PROBE_TIMEOUT_MS = 15_000;

export interface HostFacts {
  host: Host;
  criu: string | null;
  bootId: string;
}

export async function hostOf({ criu }: Pick<Environment, "criu">): Promise<HostFacts> {
  const host = localHost(async ([program, ...args]) => {
    const { exitCode, stdout, stderr } = await run({ program, args, timeoutMs: PROBE_TIMEOUT_MS });
    return { exitCode: exitCode ?? 1, stdout, stderr };
  });
  const bootId = (await host.read("/proc/sys/kernel/random/boot_id")) ?? "unknown";
  return { host, criu: await findCriu(criu), bootId };
}
