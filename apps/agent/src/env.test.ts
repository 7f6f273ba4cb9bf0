import { describe, expect, it } from "vitest";
import { readEnvironment } from "./env.ts";

describe("the environment", () => {
  it("has a default for everything", () => {
    const environment = readEnvironment({});
    expect(environment).toMatchObject({
      listen: { host: "127.0.0.1", port: 8083 },
      enrolUrl: "https://127.0.0.1:8082",
      network: { bridge: "muster0", network: "10.80.0.0/24", gateway: "10.80.0.1" },
      pool: { device: null, imageBytes: 32 * 1024 ** 3 },
      simulate: 0,
    });
    expect(environment.agentDirectory).toMatch(/\/muster\/agent$/);
  });

  it("takes an empty variable for one that is not set", () => {
    expect(readEnvironment({ MUSTER_POOL: "", MUSTER_SIMULATE: "" })).toEqual(readEnvironment({}));
  });

  it("gives the bridge the first address of any network", () => {
    expect(readEnvironment({ MUSTER_NETWORK: "10.82.7.200/22" }).network.gateway).toBe("10.82.4.1");
  });

  it.each([
    ["MUSTER_AGENT_LISTEN", "8083", "must be an address and a port"],
    ["MUSTER_AGENT_LISTEN", "127.0.0.1:0", "must have a port"],
    ["MUSTER_AGENT_LISTEN", "127.0.0.1:70000", "must have a port"],
    ["MUSTER_BRIDGE", "--help", "interface name"],
    ["MUSTER_BRIDGE", "a-name-that-is-too-long", "interface name"],
    ["MUSTER_NETWORK", "10.80.0.0/31", "must be an IPv4 network"],
    ["MUSTER_ENROL_URL", "http://127.0.0.1:8082", "must be an https address"],
    ["MUSTER_POOL", "sdb", "must be an absolute path"],
    ["MUSTER_POOL_BYTES", "1e9", "must be a whole number"],
    ["MUSTER_POOL_BYTES", "5", "must be from"],
    ["MUSTER_SIMULATE", "101", "must be from 0 to 100"],
    ["MUSTER_DATA_DIR", "data", "must be an absolute path"],
    ["MUSTER_LOG_LEVEL", "loud", "must be one of"],
  ])("refuses %s=%s in one sentence", (name, value, sentence) => {
    expect(() => readEnvironment({ [name]: value })).toThrow(new RegExp(`^${name} .*${sentence}[^\n]*\\.$`));
  });
});
