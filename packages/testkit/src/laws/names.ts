/** File names that say nothing of what is in them. */
import { basename } from "node:path";
import type { Law } from "./law.ts";

const SAYS_NOTHING = /^(utils?|helpers?|common|shared|misc|types?|interfaces?|constants?|index|lib)\.[a-z]+$/i;

export const namesLaw: Law = {
  name: "a file's name is what it is about",
  reason: "utils, helpers, types and the like grow without end and nobody finds anything in them: name the noun",
  judge: ({ sources }) =>
    sources
      .filter(({ path }) => SAYS_NOTHING.test(basename(path)))
      .map(({ path }) => ({ path, line: 1, says: "name it after the noun or verb that it holds" })),
  broken: [
    { "packages/model/src/utils.ts": "" },
    { "packages/model/src/vps/index.ts": "" },
    { "apps/console/src/types.tsx": "" },
  ],
  kept: [{ "packages/model/src/units.ts": "", "packages/agent-sim/src/world.ts": "" }],
};
