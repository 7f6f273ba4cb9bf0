/**
 * How a job that failed or was cancelled is asked for again: through the door of the first request, with the input of
 * the job, so that whatever refuses such a request refuses this. One line for each kind.
 */
import { MusterError } from "@muster/model/errors";
import type { JobKind } from "@muster/model/job";
import { differingLimits } from "@muster/model/limits/registry";
import type { Fleet } from "../fleet.ts";
import { adoptVpsInputSchema } from "./adopt-vps.ts";
import { createVpsInputSchema } from "./create-vps.ts";
import { importTemplateInputSchema } from "./import-template.ts";
import { placedInputSchema } from "./placed.ts";
import { removeNodeInputSchema } from "./remove-node.ts";
import { renameVpsInputSchema } from "./rename-vps.ts";
import { setLimitsInputSchema } from "./set-limits.ts";

type AskAgain = (input: unknown, asked: { actor: string; retryOf: string }) => Promise<{ jobId: string }>;
export type Again = Record<JobKind, AskAgain>;

const elsewhere: AskAgain = async () => {
  throw new MusterError("unsupported", "Ask for it again where it was asked for first.");
};

export function createAgain({ vps, templates, nodes }: Pick<Fleet, "vps" | "templates" | "nodes">): Again {
  const placed =
    (ask: Fleet["vps"]["start"]): AskAgain =>
    async (input, asked) =>
      await ask({ vpsId: placedInputSchema.parse(input).vpsId, ...asked });
  return {
    "vps.create": async (input, asked) => {
      const { nodeId, spec, start } = createVpsInputSchema.parse(input);
      return await vps.create({ nodeId, spec, start, ...asked });
    },
    "vps.start": placed(vps.start),
    "vps.stop": placed(vps.stop),
    "vps.restart": placed(vps.restart),
    "vps.delete": placed(vps.delete),
    "template.import": async (input, asked) =>
      await templates.import({ ...importTemplateInputSchema.parse(input), ...asked }),
    "vps.setLimits": async (input, asked) => {
      const { vpsId, before, after, until } = setLimitsInputSchema.parse(input);
      const names = differingLimits(before.limits, after.limits);
      const limits = Object.fromEntries(names.map((name) => [name, after.limits[name]]));
      return await vps.setLimits({ vpsId, ...asked, limits, until: until ?? undefined });
    },
    "vps.rename": async (input, asked) => {
      const { vpsId, after } = renameVpsInputSchema.parse(input);
      return await vps.rename({ vpsId, ...asked, name: after.name });
    },
    "vps.adopt": async (input, asked) => await vps.adopt({ ...adoptVpsInputSchema.parse(input), ...asked }),
    "node.enrol": elsewhere,
    "node.remove": async (input, asked) => await nodes.remove({ ...removeNodeInputSchema.parse(input), ...asked }),
  };
}
