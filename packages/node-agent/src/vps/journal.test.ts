import { appendFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { run } from "../engine/exec.ts";
import { openJournal, readJournal } from "./journal.ts";

let directory = "";
let path = "";

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "muster-journal-"));
  path = join(directory, "journal.jsonl");
});
afterEach(() => rm(directory, { recursive: true }));

describe("journal", () => {
  it("is empty where there is none yet", async () => {
    expect(await readJournal(path)).toEqual([]);
  });

  it("gives back what was appended, in order, also when many append at once", async () => {
    const journal = await openJournal(path);
    await Promise.all(Array.from({ length: 100 }, (_, index) => journal.append({ index })));
    await journal.close();
    expect(await readJournal(path)).toEqual(Array.from({ length: 100 }, (_, index) => ({ index })));
  });

  it("drops the line that a crash tore, and writes the next one whole", async () => {
    await writeFile(path, '{"a":1}\n{"a":2');
    expect(await readJournal(path)).toEqual([{ a: 1 }]);
    const journal = await openJournal(path);
    await journal.append({ a: 3 });
    await journal.close();
    expect(await readJournal(path)).toEqual([{ a: 1 }, { a: 3 }]);
  });

  it("refuses a file that was damaged in its middle instead of guessing", async () => {
    await writeFile(path, '{"a":1}\n{"a"\n{"a":3}\n');
    await expect(readJournal(path)).rejects.toMatchObject({ code: "internal" });
  });

  it("rewrites itself in one step, and goes on after it", async () => {
    const journal = await openJournal(path);
    await journal.append({ old: true });
    await Promise.all([journal.rewrite(() => [{ kept: true }]), journal.append({ next: true })]);
    await journal.append({ last: true });
    await journal.close();
    const lines = await readJournal(path);
    expect(lines).toContainEqual({ kept: true });
    expect(lines).toContainEqual({ last: true });
    expect(await readFile(path, "utf8")).not.toContain("old");
  });

  it("asks for the lines of a rewrite in its turn: what was appended before it is in them", async () => {
    const journal = await openJournal(path);
    const believed: number[] = [];
    const append = (index: number) => journal.append({ index }, () => believed.push(index));
    const rewrite = () => journal.rewrite(() => believed.map((index) => ({ index })));
    await Promise.all([append(1), rewrite(), append(2), rewrite(), append(3)]);
    await journal.close();
    expect(await readJournal(path)).toEqual([{ index: 1 }, { index: 2 }, { index: 3 }]);
  });

  it("takes no line of which only a half found room, and goes on after it", async () => {
    const script = `
      import { openJournal } from ${JSON.stringify(new URL("journal.ts", import.meta.url).href)};
      const journal = await openJournal(${JSON.stringify(path)});
      await journal.append({ before: 1 });
      const code = await journal.append({ long: "x".repeat(2000) }).then(() => "written", (error) => error.code);
      await journal.append({ after: 1 });
      process.stdout.write(code);`;
    // A limit on a file's size is a disk that is full: what fits is written, and the next write fails.
    const args = ["--fsize=1000", process.execPath, "--input-type=module", "--eval", script];
    expect(await run({ program: "prlimit", args, timeoutMs: 20_000 })).toMatchObject({ stdout: "disk_full" });
    expect(await readJournal(path)).toEqual([{ before: 1 }, { after: 1 }]);
  });

  it("leaves an unfinished rewrite aside", async () => {
    await appendFile(path, '{"a":1}\n');
    await writeFile(`${path}.new`, '{"half"');
    expect(await readJournal(path)).toEqual([{ a: 1 }]);
  });
});
