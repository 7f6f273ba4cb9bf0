/** Templates of a simulated node. What an archive is like stands in its name: there are no archives here. */
import { MusterError } from "@muster/model/errors";
import type { Progress } from "@muster/model/job";
import type { Templates } from "@muster/node-agent/agent";
import { templateOf } from "./hardware.ts";
import { type Machine, TAKES_MS } from "./machine.ts";
import type { World } from "./world.ts";

function refuseOnOrder(fileName: string): void {
  if (fileName.startsWith("missing")) {
    throw new MusterError("not_found", `The import directory has no ${fileName}.`, { field: "fileName" });
  }
  if (fileName.startsWith("wrong-checksum")) {
    throw new MusterError("checksum_mismatch", `${fileName} has another SHA-256.`, { field: "sha256" });
  }
  if (fileName.startsWith("invalid")) {
    throw new MusterError("archive_invalid", `${fileName} is no tar archive of a root file system.`);
  }
}

const STEPS = 10;

async function advance(phase: string, total: number, step: (progress: Progress) => Promise<void>): Promise<void> {
  for (let done = 0; done < STEPS; done += 1) {
    await step({ phase, done: Math.floor((total * done) / STEPS), total, unit: "bytes" });
  }
}

export function createTemplates(world: World, machine: Machine): Templates {
  return {
    list: async () => [...world.state.templates],
    import: async ({ name, description, init, fileName, sha256 }, signal, report = () => undefined) => {
      const { sizeBytes } = templateOf(name, init);
      const step = (progress: Progress) => {
        report(progress);
        return machine.work(TAKES_MS.import / (2 * STEPS), signal);
      };
      await advance("Check", sizeBytes, step);
      refuseOnOrder(fileName);
      await advance("Unpack", sizeBytes, step);
      const template = { ...templateOf(name, init), description, sha256 };
      world.state.templates = [...world.state.templates.filter((other) => other.name !== name), template];
      world.save();
      return template;
    },
  };
}
