/** Modules that only certain files may import: each is a power that is easier to keep in one place than to find again. */
import type { Breach, Law } from "./law.ts";
import type { Source } from "./source.ts";

interface Fence {
  module: RegExp;
  inside: RegExp;
  /** Types tie nobody to the module. */
  typesAreFree: boolean;
  reason: string;
}

const FENCES: readonly Fence[] = [
  {
    module: /^(node:)?child_process$/,
    // The set-up, the tests' PostgreSQL and the browser tests start programs of their own; the product only here.
    inside:
      /^(packages\/node-agent\/src\/engine\/exec\.ts$|packages\/setup\/|prisma\/testing\/|packages\/testkit\/|e2e\/)|\.test\.ts$/,
    typesAreFree: true,
    reason: "one file spawns, with argument vectors and no shell, so that nothing typed becomes a command",
  },
  {
    module: /^recharts$/,
    inside: /^apps\/console\/src\/chart\//,
    typesAreFree: false,
    reason: "charts draw gaps and stale figures alike everywhere, and the library can be changed in one folder",
  },
  {
    module: /^(@prisma\/client|@muster\/db\/(client|generated)|(\.\.?\/)+generated\/)/,
    // The stores (and the SQL that one keeps beside it), prisma itself, tests, and the server's programs, which open the database.
    inside:
      /(^|[/-])(store|sql)\.ts$|^prisma\/|^apps\/server\/src\/|\/database-access\.ts$|\.test\.ts$|\/testing\/|^packages\/testkit\//,
    typesAreFree: true,
    reason: "a noun's queries stand in its store.ts, and no Prisma type leaves it",
  },
  {
    module: /^(node:)?vm$/,
    inside: /^$/,
    typesAreFree: false,
    reason: "nothing that was typed is ever run",
  },
];

function judgeSource({ path, imports }: Source): Breach[] {
  return imports.flatMap(({ from, line, typeOnly }) =>
    FENCES.filter(
      ({ module, inside, typesAreFree }) => module.test(from) && !inside.test(path) && !(typeOnly && typesAreFree),
    ).map(({ reason }) => ({ path, line, says: `${from} may not be imported here: ${reason}` })),
  );
}

export const fencesLaw: Law = {
  name: "dangerous and heavy modules are imported in one place",
  reason: "each fence says its own",
  judge: ({ sources }) => sources.flatMap(judgeSource),
  broken: [
    { "packages/node-agent/src/vps/start.ts": 'import { spawn } from "node:child_process";' },
    { "packages/control/src/a.ts": 'const { exec } = await import("child_process");' },
    { "apps/console/src/vps/table.tsx": 'import { LineChart } from "recharts";' },
    { "packages/control/src/vps/list.ts": 'import { openDatabase } from "@muster/db/client";' },
    { "packages/api/src/accounts.ts": 'import { Prisma } from "@prisma/client";' },
  ],
  kept: [
    { "packages/node-agent/src/engine/exec.ts": 'import { spawn } from "node:child_process";' },
    { "apps/console/src/chart/lines.tsx": 'import { LineChart } from "recharts";' },
    { "packages/control/src/vps/store.ts": 'import { Prisma } from "@muster/db/client";' },
    { "packages/control/src/vps/list.ts": 'import type { Db } from "@muster/db/client";' },
  ],
};
