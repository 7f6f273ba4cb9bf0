/** Terminals go straight through to the VPS's node; the server keeps nothing of them. */
import type { Agent } from "@muster/agent-api/agent";
import { MusterError } from "@muster/model/errors";
import { vpsCan } from "@muster/model/vps";
import type { Fleet } from "../fleet.ts";
import type { VpsStore } from "../vps/store.ts";

export function createTerminal({
  vps,
  agentFor,
}: {
  vps: VpsStore;
  agentFor: (nodeId: string) => Promise<Agent>;
}): Fleet["terminal"] {
  const agentOf = async (vpsId: string) => agentFor((await vps.get(vpsId)).nodeId);
  return {
    async open(request) {
      const found = await vps.get(request.vpsId);
      const permission = vpsCan.terminal(found);
      if (!permission.allowed) throw new MusterError("state_conflict", permission.reason);
      return await (await agentFor(found.nodeId)).openTerminal(request);
    },
    async write({ vpsId, ...request }) {
      await (await agentOf(vpsId)).writeTerminal(request);
    },
    async resize({ vpsId, ...request }) {
      await (await agentOf(vpsId)).resizeTerminal(request);
    },
    async close({ vpsId, ...request }) {
      await (await agentOf(vpsId)).closeTerminal(request);
    },
    async *output({ vpsId, ...request }, signal) {
      yield* (await agentOf(vpsId)).terminalOutput(request, signal);
    },
  };
}
