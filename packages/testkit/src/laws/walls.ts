/** Which part of the house may use which. The table is the architecture; DESIGN in the README draws it. */
import { z } from "zod";
import type { Breach, Law } from "./law.ts";
import type { Repository } from "./repository.ts";
import { isTest, type Source } from "./source.ts";

interface Wall {
  /** Folder of the package, from the top. */
  folder: string;
  may: readonly string[];
  /** Only `import type`: nothing of it may be in the program that runs. */
  types?: readonly string[];
  /** More, for tests only. */
  tests?: readonly string[];
}

const ALL = ["model", "agent-api", "node-agent", "agent-sim", "db", "control", "api", "client", "setup"];

export const WALLS: readonly Wall[] = [
  { folder: "packages/model", may: [] },
  { folder: "packages/config", may: [] },
  { folder: "packages/agent-api", may: ["model"] },
  { folder: "packages/node-agent", may: ["agent-api", "model"] },
  { folder: "packages/agent-sim", may: ["node-agent", "agent-api", "model"] },
  { folder: "prisma", may: [] },
  { folder: "packages/control", may: ["agent-api", "db", "model"], tests: ["agent-sim"] },
  { folder: "packages/api", may: ["control", "model"], tests: ["db"] },
  { folder: "packages/client", may: [], types: ["api", "model"] },
  { folder: "apps/console", may: ["model"], types: ["api"] },
  { folder: "apps/server", may: ["api", "control", "agent-api", "db", "model"], tests: ["agent-sim", "client"] },
  // agent-sim: one process serves simulated nodes where the host can run no VPS.
  { folder: "apps/agent", may: ["node-agent", "agent-api", "agent-sim", "model"] },
  { folder: "packages/setup", may: [], tests: ["client"] },
  { folder: "packages/testkit", may: ALL },
  // setup: its sweeper, which knows what a killed product leaves on a host.
  { folder: "e2e", may: ["client", "model", "setup"] },
];

const manifestSchema = z.object({
  dependencies: z.record(z.string(), z.string()).optional(),
  devDependencies: z.record(z.string(), z.string()).optional(),
});

function wallOf(path: string): Wall | undefined {
  return WALLS.find((wall) => path.startsWith(`${wall.folder}/`));
}

/** "@muster/model/vps" -> "model" */
function partOf(specifier: string): string | null {
  const [scope, part] = specifier.split("/");
  return scope === "@muster" && part !== undefined && part !== "config" ? part : null;
}

/** Folders of other packages that a relative path climbs into. */
function climbsOut(source: Source, from: string): boolean {
  if (!from.startsWith("../")) return false;
  const there = new URL(from, `file:///${source.path}`).pathname.slice(1);
  const wall = wallOf(source.path);
  return wall !== undefined && !there.startsWith(`${wall.folder}/`);
}

function judgeSource(source: Source): Breach[] {
  const wall = wallOf(source.path);
  if (wall === undefined) return [];
  const may = isTest(source.path) ? [...wall.may, ...(wall.tests ?? [])] : wall.may;
  return source.imports.flatMap(({ from, line, typeOnly }) => {
    if (climbsOut(source, from)) return [{ path: source.path, line, says: `${from} climbs into another package` }];
    const part = partOf(from);
    if (part === null || may.includes(part) || `packages/${part}` === wall.folder) return [];
    if (wall.types?.includes(part)) {
      return typeOnly ? [] : [{ path: source.path, line, says: `only types may come from ${from}: import type` }];
    }
    return [{ path: source.path, line, says: `${wall.folder} may not import ${from}` }];
  });
}

function judgeManifest(path: string, text: string): Breach[] {
  const wall = wallOf(path);
  if (wall === undefined) return [];
  const { dependencies = {}, devDependencies = {} } = manifestSchema.parse(JSON.parse(text));
  const runtime = [...wall.may, ...(wall.types ?? [])];
  const allowed = { dependencies: runtime, devDependencies: [...runtime, ...(wall.tests ?? [])] };
  const listed = [
    ...Object.keys(dependencies).map((name) => ["dependencies", name] as const),
    ...Object.keys(devDependencies).map((name) => ["devDependencies", name] as const),
  ];
  return listed.flatMap(([kind, name]) => {
    const part = partOf(name);
    if (part === null || allowed[kind].includes(part)) return [];
    return [{ path, line: 1, says: `${wall.folder} may not have ${name} among its ${kind}` }];
  });
}

export const wallsLaw: Law = {
  name: "every part imports only what it may",
  reason: "a part that knows little can be changed, tested and understood alone; the table is in laws/walls.ts",
  judge: ({ sources, manifests }: Repository) => [
    ...sources.flatMap(judgeSource),
    ...[...manifests].flatMap(([path, text]) => judgeManifest(path, text)),
  ],
  broken: [
    { "packages/model/src/a.ts": 'import { db } from "@muster/db/client";' },
    { "packages/agent-api/src/a.ts": 'import { x } from "../../control/src/fleet.ts";' },
    { "apps/console/src/a.tsx": 'import { appRouter } from "@muster/api/root";' },
    { "apps/console/src/a.tsx": 'export { appRouter } from "@muster/api/root";' },
    { "packages/control/src/a.ts": 'const sim = await import("@muster/agent-sim/simulated-node");' },
    { "packages/api/src/a.ts": 'import "@muster/server/main";' },
    { "packages/api/package.json": '{ "dependencies": { "@muster/node-agent": "workspace:*" } }' },
  ],
  kept: [
    {
      "apps/console/src/a.tsx":
        'import type { AppRouter } from "@muster/api/root";\nimport { formatBytes } from "@muster/model/units";',
    },
    {
      "packages/control/src/a.fleet.test.ts": 'import { createSimulatedNode } from "@muster/agent-sim/simulated-node";',
    },
    { "packages/api/package.json": '{ "dependencies": { "@muster/model": "workspace:*" } }' },
  ],
};
