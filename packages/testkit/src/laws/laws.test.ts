/** The laws of the house (law.ts): each is shown to bite, and then the whole repository is judged by it. */
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { castsLaw } from "./casts.ts";
import { causesLaw } from "./causes.ts";
import { columnsLaw } from "./columns.ts";
import { fencesLaw } from "./fences.ts";
import type { Houses } from "./law.ts";
import { namesLaw } from "./names.ts";
import { proceduresLaw } from "./procedures.ts";
import { readRepository, repositoryOf } from "./repository.ts";
import { selectorsLaw } from "./selectors.ts";
import { judgeFile, longestFiles, sizesLaw } from "./sizes.ts";
import { parseSource } from "./source.ts";
import { testsLaw } from "./tests.ts";
import { topLevelLaw } from "./top-level.ts";
import { versionsLaw } from "./versions.ts";
import { wallsLaw } from "./walls.ts";

const LAWS = [
  wallsLaw,
  fencesLaw,
  topLevelLaw,
  versionsLaw,
  namesLaw,
  sizesLaw,
  proceduresLaw,
  causesLaw,
  castsLaw,
  testsLaw,
  selectorsLaw,
  columnsLaw,
];

const repository = readRepository(fileURLToPath(new URL("../../../..", import.meta.url)));
const houseOf = (house: Houses) => repositoryOf(Object.entries(house));

describe.each(LAWS)("$name", (law) => {
  test.each(law.broken.map((house) => [Object.keys(house).join(), Object.values(house).join().slice(0, 80), house]))(
    "bites: %s %s",
    (_path, _text, house) => {
      expect(law.judge(houseOf(house)).length).toBeGreaterThan(0);
    },
  );

  test("lets honest houses stand", () => {
    for (const house of law.kept) expect(law.judge(houseOf(house))).toEqual([]);
  });

  test("holds", () => {
    const breaches = law.judge(repository).map(({ path, line, says }) => `${path}:${line} ${says}`);
    expect(breaches, `${law.reason}\n`).toEqual([]);
  });
});

describe("an exception to the size of a file", () => {
  const source = parseSource("a.ts", "const x = 1;\n".repeat(300));

  test("covers exactly the lines it was given for", () => {
    expect(judgeFile(source, { "a.ts": 300 })).toEqual([]);
  });

  test("neither grows nor stays when the file has shrunk", () => {
    for (const lines of [299, 301]) expect(judgeFile(source, { "a.ts": lines })).toHaveLength(1);
    const short = parseSource("a.ts", "const x = 1;\n");
    expect(judgeFile(short, { "a.ts": 300 })).toHaveLength(1);
  });
});

test("the ten longest files, for the eye", () => {
  const longest = longestFiles(repository.sources, 10);
  process.stderr.write(`${longest.map(({ path, lines }) => `${String(lines).padStart(5)}  ${path}`).join("\n")}\n`);
  expect(longest).toHaveLength(10);
});
