/** A node without tc. What tc does where there is one is told by the effect tests of the link's limits. */
import { expect, it, vi } from "vitest";
import { openShaping } from "./shaping.ts";

vi.mock("./exec.ts", async (importOriginal) => {
  const exec = await importOriginal<typeof import("./exec.ts")>();
  return { ...exec, runOk: () => exec.runOk({ program: "/nowhere/tc", args: [], timeoutMs: 1000 }) };
});

const LINK = "lo";

it("holds no rate, and takes that for no limit", async () => {
  expect(await openShaping().readRate(LINK, "ingress")).toBeNull();
  await openShaping().setRate(LINK, "ingress", null);
});

it("says that it cannot hold one", async () => {
  await expect(openShaping().setRate(LINK, "ingress", 1_000_000)).rejects.toMatchObject({ code: "engine_failed" });
});
