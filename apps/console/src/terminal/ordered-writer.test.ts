import { expect, test } from "vitest";
import { orderedWriter } from "./ordered-writer.ts";

test("keys typed while a call is under way go with the next one, in order", async () => {
  const sent: string[] = [];
  const doors: (() => void)[] = [];
  const write = orderedWriter(
    (data) => {
      sent.push(data);
      return new Promise<void>((resolve) => doors.push(resolve));
    },
    () => expect.unreachable(),
  );
  write("a");
  write("b");
  write("c");
  expect(sent).toEqual(["a"]);
  doors[0]?.();
  await Promise.resolve();
  await Promise.resolve();
  expect(sent).toEqual(["a", "bc"]);
});

test("a refused call is told, and what is typed afterwards is sent again", async () => {
  const failures: unknown[] = [];
  let refuse = true;
  const sent: string[] = [];
  const write = orderedWriter(
    async (data) => {
      if (refuse) throw new Error("gone");
      sent.push(data);
    },
    (error) => failures.push(error),
  );
  write("x");
  await new Promise((resolve) => setTimeout(resolve, 0));
  expect(failures).toHaveLength(1);
  refuse = false;
  write("y");
  await new Promise((resolve) => setTimeout(resolve, 0));
  expect(sent).toEqual(["y"]);
});
