import { expect, test } from "vitest";
import { freeName } from "../tokens/store.ts";
import { firstFree } from "./store.ts";

const free = (network: string, taken: string[] = [], gateway = network.replace(/\d+\/\d+$/, "1")) =>
  firstFree(network, gateway, new Set(taken));

test("the first ten addresses are given out last", () => {
  expect(free("10.80.0.0/24")).toBe("10.80.0.10");
  expect(free("10.80.0.0/24", ["10.80.0.10", "10.80.0.11"])).toBe("10.80.0.12");
  const all = Array.from({ length: 245 }, (_, index) => `10.80.0.${index + 10}`);
  expect(free("10.80.0.0/24", all)).toBe("10.80.0.2");
});

test("a full network has none, and a small one has all but gateway, network and broadcast", () => {
  expect(free("10.80.0.0/30")).toBe("10.80.0.2");
  expect(free("10.80.0.0/30", ["10.80.0.2"])).toBeNull();
});

test("a node's name is its host name, or that with a number; simulated ones are numbered", () => {
  expect(freeName("web", false, new Set())).toBe("web");
  expect(freeName("web", false, new Set(["web", "web-2"]))).toBe("web-3");
  expect(freeName("sim", true, new Set(["sim-01"]))).toBe("sim-02");
});
