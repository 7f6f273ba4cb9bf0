import { expect, test } from "vitest";
import { outputFacts } from "./output-facts.ts";

test("what a step found reads as names and values, in the units that the names tell", () => {
  expect(
    outputFacts({
      address: "10.80.0.10",
      freedBytes: 1536,
      waitedMs: 93_000,
      egressBitsPerSecond: 94_000_000,
      vpsId: "v0000000001",
      templates: 3,
      swap: null,
      found: true,
      nics: ["eth0", "eth1"],
    }),
  ).toEqual([
    ["Address", "10.80.0.10"],
    ["Freed", "1.5 KiB"],
    ["Waited", "1 min 33 s"],
    ["Egress", "94 Mbit/s"],
    ["VPS id", "v0000000001"],
    ["Templates", "3"],
    ["Swap", "none"],
    ["Found", "yes"],
    ["NICs", "eth0, eth1"],
  ]);
});

test("what lies deeper is named by its way there", () => {
  expect(outputFacts({ before: { memoryBytes: 1024 }, limits: { "cpu.cores": 2 } })).toEqual([
    ["Before memory", "1 KiB"],
    ["Limits CPU cores", "2"],
  ]);
});
