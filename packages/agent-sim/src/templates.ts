/** Templates of a simulated node. What an archive is like stands in its name: there are no archives here. */
import { MusterError } from "@muster/model/errors";
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

export function createTemplates(world: World, machine: Machine): Templates {
  return {
    list: async () => [...world.state.templates],
    import: async ({ name, description, init, fileName, sha256 }, signal) => {
      await machine.work(TAKES_MS.import, signal);
      refuseOnOrder(fileName);
      const template = { ...templateOf(name, init), description, sha256 };
      world.state.templates = [...world.state.templates.filter((other) => other.name !== name), template];
      world.save();
      return template;
    },
  };
}
