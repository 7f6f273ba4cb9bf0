/** What may stand at the top of the repository. */
import type { Law } from "./law.ts";

const FIXED = new Set([
  "apps",
  "packages",
  "prisma",
  "e2e",
  "turbo.json",
  "package.json",
  "pnpm-workspace.yaml",
  "pnpm-lock.yaml",
  "README.md",
  "node_modules",
]);

export const topLevelLaw: Law = {
  name: "nothing new stands at the top of the repository",
  reason:
    "who comes to the house finds his way by its top level: a new thing belongs into a package, a decision into the file it governs",
  judge: ({ top }) =>
    top
      .filter((name) => !FIXED.has(name) && !name.startsWith("."))
      .map((name) => ({ path: name, line: 1, says: "does not belong to the top level" })),
  broken: [{ "docs/design.md": "" }, { "scripts/build.ts": "" }],
  kept: [{ "README.md": "", ".ci/run": "", "packages/model/src/vps.ts": "" }],
};
