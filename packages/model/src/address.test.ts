import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  ipv4NetworkSchema,
  ipv4Schema,
  ipv4ToNumber,
  isAssignable,
  macOf,
  macSchema,
  numberToIpv4,
  parseNetwork,
} from "./address.ts";

const NETWORK = "10.80.0.0/24";
const GATEWAY = "10.80.0.1";
const number = fc.integer({ min: 0, max: 2 ** 32 - 1 });

test("an address is its number and back", () => {
  fc.assert(fc.property(number, (value) => ipv4ToNumber(numberToIpv4(value)) === value));
});

test("what fast-check calls an IPv4 address is one", () => {
  fc.assert(fc.property(fc.ipV4(), (address) => ipv4Schema.safeParse(address).success));
});

test.each([
  "",
  "10.80.0",
  "10.80.0.256",
  "010.80.0.10",
  "10.80.0.10/24",
  " 10.80.0.10",
  "10.80.0.10\n",
  "10.80.0.10;reboot",
  "0x0a.80.0.10",
  "10.80.0.1e1",
  "１０.80.0.10",
  "10。80.0.10",
  "::ffff:10.80.0.10",
  "--help",
])("%j is no address", (text) => {
  expect(ipv4Schema.safeParse(text).success).toBe(false);
});

test.each(["10.80.0.0/24", "10.0.0.0/8", "192.168.7.4/30"])("%s is a network", (text) => {
  expect(ipv4NetworkSchema.safeParse(text).success).toBe(true);
});

test.each(["10.80.0.0", "10.80.0.0/7", "10.80.0.0/31", "10.80.0.0/024", "10.80.0.0/24/24", "/24", "10.80.0.0/2 4"])(
  "%j is no network",
  (text) => {
    expect(ipv4NetworkSchema.safeParse(text).success).toBe(false);
  },
);

test("a network holds 2^(32 - prefix) addresses, its own among them", () => {
  fc.assert(
    fc.property(number, fc.integer({ min: 8, max: 30 }), (value, prefix) => {
      const { first, last } = parseNetwork(`${numberToIpv4(value)}/${prefix}`);
      expect(last - first + 1).toBe(2 ** (32 - prefix));
      expect(first % 2 ** (32 - prefix)).toBe(0);
      expect(value >= first && value <= last).toBe(true);
    }),
  );
});

describe("an address for a VPS", () => {
  test.each(["10.80.0.2", "10.80.0.10", "10.80.0.254"])("may be %s", (address) => {
    expect(isAssignable(address, NETWORK, GATEWAY)).toBe(true);
  });

  test.each([
    ["the network's", "10.80.0.0"],
    ["the broadcast", "10.80.0.255"],
    ["the gateway's", GATEWAY],
    ["one below", "10.79.255.255"],
    ["one above", "10.80.1.0"],
    ["no address at all", "--help"],
  ])("is not %s", (_name, address) => {
    expect(isAssignable(address, NETWORK, GATEWAY)).toBe(false);
  });
});

test("every address has a MAC of its own, locally administered and unicast", () => {
  fc.assert(
    fc.property(number, number, (one, other) => {
      const [mac, second] = [macOf(numberToIpv4(one)), macOf(numberToIpv4(other))];
      expect(macSchema.safeParse(mac).success).toBe(true);
      expect(mac === second).toBe(one === other);
    }),
  );
});

test.each(["03:4d:0a:50:00:0a", "00:4d:0a:50:00:0a", "02-4d-0a-50-00-0a", "02:4D:0a:50:00:0a", "02:4d:0a:50:00"])(
  "%s is no MAC of a VPS",
  (mac) => {
    expect(macSchema.safeParse(mac).success).toBe(false);
  },
);
