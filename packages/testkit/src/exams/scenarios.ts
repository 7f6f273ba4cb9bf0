/**
 * What the exams have to know of a kind of job: what must be there before it, how it is asked for, and what is other
 * than before when it has succeeded. "As before" needs no telling: it is the sight that was taken before the request.
 * A kind without a line here fails to compile.
 */
import type { JobKind } from "@muster/model/job";
import { changedLimits, type LimitsChange } from "@muster/model/limits/registry";
import { MIB } from "@muster/model/units";
import type { PlacementState } from "@muster/model/vps";
import type { Sight } from "./sight.ts";
import { EXAMINER, type Request, SMALL, type Subject, specOf, vpsOf } from "./subject.ts";

/** `orphan`: on the node, in no inventory. `apart`: running on a node of its own. `stranger`: a machine that has not joined. */
export type Need = "nothing" | "stopped" | "running" | "orphan" | "apart" | "stranger";

export interface Scenario {
  needs: Need;
  request: Request;
  /** What is other than before; of `kernel` only what is named. */
  after(before: Sight, subject: Subject): Partial<Sight>;
}

const LARGER: LimitsChange = { "cpu.cores": 1, "memory.max": 96 * MIB, "pids.max": 200 };
const newName = ({ name }: Subject) => `${name}-new`;

function inState(before: Sight, state: PlacementState & Sight["placements"][number]["state"]): Partial<Sight> {
  const { vps, placements } = before;
  if (vps === null || state === "preparing" || state === "broken") throw new Error("there is no such VPS");
  return { vps: { ...vps, state }, placements: placements.map((one) => ({ ...one, state })) };
}

const asked =
  (verb: "start" | "stop" | "restart" | "delete"): Request =>
  (fleet, subject) =>
    fleet.vps[verb]({ vpsId: vpsOf(subject), actor: EXAMINER });

export const SCENARIOS = {
  "vps.create": {
    needs: "nothing",
    request: (fleet, subject) =>
      fleet.vps.create({ nodeId: subject.nodeId, spec: specOf(subject), start: true, actor: EXAMINER }),
    after: (_, subject) => {
      const { name, limits } = specOf(subject);
      const made = { name, limits, state: "running" } as const;
      return { vps: made, placements: [made], kernel: SMALL, allocations: Object.keys(limits).length };
    },
  },
  "vps.start": { needs: "stopped", request: asked("start"), after: (before) => inState(before, "running") },
  "vps.stop": { needs: "running", request: asked("stop"), after: (before) => inState(before, "stopped") },
  "vps.restart": { needs: "running", request: asked("restart"), after: (before) => inState(before, "running") },
  "vps.delete": {
    needs: "running",
    request: asked("delete"),
    after: () => ({ vps: null, placements: [], kernel: null }),
  },
  "vps.setLimits": {
    needs: "running",
    request: (fleet, subject) => fleet.vps.setLimits({ vpsId: vpsOf(subject), limits: LARGER, actor: EXAMINER }),
    after: ({ vps, placements, allocations }) => ({
      vps: vps && { ...vps, limits: changedLimits(vps.limits, LARGER) },
      placements: placements.map((one) => ({ ...one, limits: changedLimits(one.limits, LARGER) })),
      kernel: LARGER,
      allocations: allocations + Object.keys(LARGER).length,
    }),
  },
  "vps.rename": {
    needs: "running",
    request: (fleet, subject) => fleet.vps.rename({ vpsId: vpsOf(subject), name: newName(subject), actor: EXAMINER }),
    after: ({ vps, placements }, subject) => ({
      vps: vps && { ...vps, name: newName(subject) },
      placements: placements.map((one) => ({ ...one, name: newName(subject) })),
    }),
  },
  "vps.adopt": {
    needs: "orphan",
    request: (fleet, subject) => fleet.vps.adopt({ nodeId: subject.nodeId, vpsId: vpsOf(subject), actor: EXAMINER }),
    after: (_, subject) => ({
      vps: { name: subject.name, limits: specOf(subject).limits, state: "running" },
      orphan: false,
    }),
  },
  "template.import": {
    needs: "nothing",
    request: (fleet, { nodeId, name }) =>
      fleet.templates.import({
        ...{ nodeId, name, description: "", init: "busybox", fileName: `${name}.tar`, sha256: "0".repeat(64) },
        actor: EXAMINER,
      }),
    after: () => ({ template: { onNode: true, listed: true } }),
  },
  "node.enrol": { needs: "stranger", request: enrol, after: () => ({ joined: true }) },
  "node.remove": {
    needs: "apart",
    request: (fleet, { nodeId }) => fleet.nodes.remove({ nodeId, forgetVps: true, actor: EXAMINER }),
    after: () => ({ joined: false, vps: null }),
  },
} as const satisfies Record<JobKind, Scenario>;

/** The claim says nothing of its job: it is the newest of its node. */
async function enrol(...[fleet, subject, boot]: Parameters<Request>): ReturnType<Request> {
  const { token, nodeName: hostname, agentAddress: address } = subject;
  const claim = { token, publicKeySha256: hostname, hostname, address, simulated: true };
  const { nodeId } = await fleet.enrolment.claim(claim, boot);
  const { items } = await fleet.jobs.list({ nodeId, kinds: ["node.enrol"], limit: 1 });
  const [job] = items;
  if (job === undefined) throw new Error(`${hostname} joined without a job`);
  return { jobId: job.id };
}
