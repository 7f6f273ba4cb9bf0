/** Versions stand in one catalog, exact, and nowhere else. */
import { z } from "zod";
import type { Breach, Law } from "./law.ts";

const dependencies = z.record(z.string(), z.string()).optional();
const manifestSchema = z.object({
  dependencies,
  devDependencies: dependencies,
  peerDependencies: dependencies,
  optionalDependencies: dependencies,
});

const EXACT = /^\d+\.\d+\.\d+[0-9A-Za-z.+-]*$/;

function judgeManifest(path: string, text: string): Breach[] {
  const manifest = manifestSchema.parse(JSON.parse(text));
  const all = Object.values(manifest).flatMap((listed) => Object.entries(listed ?? {}));
  return all
    .filter(([, version]) => version !== "catalog:" && version !== "workspace:*")
    .map(([name, version]) => ({
      path,
      line: 1,
      says: `${name} is "${version}": say "catalog:", or "workspace:*" for our own`,
    }));
}

/** The lines of the catalog; a YAML parser would be a dependency for one list of `name: version`. */
function judgeCatalog(path: string, text: string): Breach[] {
  const lines = text.split("\n");
  const begin = lines.indexOf("catalog:");
  if (begin === -1) return [];
  const rest = lines.slice(begin + 1);
  const end = rest.findIndex((line) => line !== "" && !line.startsWith(" "));
  return rest.slice(0, end === -1 ? undefined : end).flatMap((line, index) => {
    const entry = /^\s+"?([^":\s]+)"?:\s+"?([^"\s]+)"?$/.exec(line);
    if (entry === null || EXACT.test(entry[2] ?? "")) return [];
    return [{ path, line: begin + 2 + index, says: `${entry[1]} is ${entry[2]}: a version is exact` }];
  });
}

export const versionsLaw: Law = {
  name: "every version stands in the catalog, exact",
  reason: "two versions of one library are two libraries, and a range is another program tomorrow",
  judge: ({ manifests }) =>
    [...manifests].flatMap(([path, text]) =>
      path.endsWith(".yaml") ? judgeCatalog(path, text) : judgeManifest(path, text),
    ),
  broken: [
    { "packages/a/package.json": '{ "dependencies": { "zod": "^4.0.0" } }' },
    { "packages/a/package.json": '{ "devDependencies": { "zod": "4.0.0" } }' },
    { "pnpm-workspace.yaml": "packages:\n  - a\ncatalog:\n  zod: ^4.0.0\n" },
  ],
  kept: [
    { "packages/a/package.json": '{ "dependencies": { "zod": "catalog:", "@muster/model": "workspace:*" } }' },
    {
      "pnpm-workspace.yaml":
        'catalog:\n  "@types/node": 24.19.2\n  "@x/y": 18.4.0-beta.17\n\nonlyBuiltDependencies:\n  - esbuild\n',
    },
  ],
};
