import { MusterError } from "@muster/model/errors";
import { describe, expect, test } from "vitest";
import { createGate } from "./gate.ts";

const silence = () => Promise.reject(new MusterError("node_unreachable", "It does not answer."));
const refusal = () => Promise.reject(new MusterError("not_found", "It has no such VPS."));
const fine = () => Promise.resolve("fine");

function gate(nowMs: () => number = () => 0) {
  return createGate({ maxConcurrent: 2, maxWaiting: 1, failures: 3, openMs: 1_000, nowMs });
}

describe("the bulkhead of a node", () => {
  test("lets so many through, makes so many wait, and refuses the rest at once", async () => {
    const one = gate();
    const slow = Promise.withResolvers<string>();
    const first = [one.run(() => slow.promise), one.run(() => slow.promise)];
    let begun = false;
    const third = one.run(() => {
      begun = true;
      return fine();
    });
    await expect(one.run(fine)).rejects.toMatchObject({ code: "overloaded" });
    expect(begun).toBe(false);
    slow.resolve("done");
    expect(await Promise.all([...first, third])).toEqual(["done", "done", "fine"]);
    expect(await one.run(fine)).toBe("fine");
  });
});

describe("the circuit of a node", () => {
  test("opens after silence, lets one trial through after a while, and closes when that is answered", async () => {
    let nowMs = 0;
    const one = gate(() => nowMs);
    for (let count = 0; count < 3; count += 1) await expect(one.run(silence)).rejects.toThrow("does not answer");
    await expect(one.run(fine)).rejects.toMatchObject({ code: "node_unreachable" });
    nowMs = 1_000;
    const trial = one.run(fine);
    await expect(one.run(fine)).rejects.toMatchObject({ code: "node_unreachable" });
    expect(await trial).toBe("fine");
    expect(await one.run(fine)).toBe("fine");
  });

  test("closes at once when somebody else has heard the node", async () => {
    const one = gate();
    for (let count = 0; count < 3; count += 1) await expect(one.run(silence)).rejects.toThrow();
    one.heard();
    expect(await one.run(fine)).toBe("fine");
  });

  test("stays closed for an agent that answers with errors: it is alive", async () => {
    const one = gate();
    for (let count = 0; count < 9; count += 1)
      await expect(one.run(refusal)).rejects.toMatchObject({ code: "not_found" });
    expect(await one.run(fine)).toBe("fine");
  });
});
