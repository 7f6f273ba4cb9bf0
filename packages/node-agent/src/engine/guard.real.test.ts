/** A guest's root does what it can to be somebody else on the bridge. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { visitUntilAnswered } from "../trial/http.ts";
import { createTrialNode, inside, leftovers, type TrialNode } from "../trial/trial-node.ts";
import type { Placements } from "../vps/placements.ts";
import { runOk } from "./exec.ts";
import { tableOf } from "./guard.ts";

const never = new AbortController().signal;
let node: TrialNode;
let agent: Placements;
let vpsId = "";
let stolen = "";

beforeAll(async () => {
  node = await createTrialNode();
  agent = await node.boot();
  for (const number of [1, 2]) {
    const input = node.creation(number);
    await agent.create(input, never);
    await agent.start({ vpsId: input.vpsId, epoch: 1, key: `s${number}` }, never);
    await visitUntilAnswered(input.spec.address);
  }
  vpsId = node.creation(1).vpsId;
  stolen = node.creation(40).spec.address;
});
afterAll(async () => {
  await agent?.close();
  await node?.clean();
});

const guest = (script: string) => inside(node, vpsId, "sh", "-c", script);
const table = () => tableOf(node.bridge.bridge).split(" ");
const nft = (...args: string[]) => runOk({ program: "nft", args, timeoutMs: 5000 });
const restart = async (key: string) => {
  await agent.stop({ vpsId, epoch: 1, key, graceMs: 0 }, never);
  await agent.start({ vpsId, epoch: 1, key }, never);
};
const ping = (...options: string[]) => `ping -c1 -W1 ${options.join(" ")} ${node.bridge.gateway}`;

describe("the guard of the bridge", () => {
  it("lets a VPS be itself: to the gateway and to its neighbour", async () => {
    expect((await guest(ping())).exitCode).toBe(0);
    expect((await guest(`ping -c1 -W1 ${node.creation(2).spec.address}`)).exitCode).toBe(0);
  });

  it("drops what it sends from an address that is not its own", async () => {
    expect((await guest(`ip address add ${stolen}/24 dev eth0`)).exitCode).toBe(0);
    expect((await guest(ping("-I", stolen))).exitCode).not.toBe(0);
    await guest(`ip address delete ${stolen}/24 dev eth0`);
    expect((await guest(ping())).exitCode).toBe(0);
  });

  it("drops what it sends under another MAC", async () => {
    const own = node.creation(1).mac;
    await guest("ip link set eth0 address 02:00:00:00:00:99; ip neigh flush dev eth0");
    expect((await guest(ping())).exitCode).not.toBe(0);
    await guest(`ip link set eth0 address ${own}; ip neigh flush dev eth0`);
    expect((await guest(ping())).exitCode).toBe(0);
  });

  it("lets no VPS be a router of the link", async () => {
    const chain = await nft("list", "chain", ...table(), vpsId);
    const places = ["nd-router-advert drop", "nd-redirect drop", "fe80::/10 accept"].map((rule) => chain.indexOf(rule));
    expect(places).not.toContain(-1);
    expect(places).toEqual(places.toSorted((one, other) => one - other));
  });

  it("is made again at a start when a firewall that was loaded anew had swept it away", async () => {
    await nft("delete", "table", ...table());
    await restart("swept");
    expect((await guest(ping())).exitCode).toBe(0);
    await guest(`ip address add ${stolen}/24 dev eth0`);
    expect((await guest(ping("-I", stolen))).exitCode).not.toBe(0);
  });

  it("lets no VPS run that it cannot guard", async () => {
    await nft("delete", "table", ...table());
    // Somebody else's table stands in its place.
    await nft("add", "table", ...table());
    await nft("add", "map", ...table(), "ports", "{ type mark : verdict; }");
    await expect(restart("refused")).rejects.toMatchObject({ code: "engine_failed" });
    expect(await agent.list()).toContainEqual(expect.objectContaining({ vpsId, state: "stopped" }));
    await nft("delete", "table", ...table());
    await restart("allowed");
    expect((await guest(ping())).exitCode).toBe(0);
  });

  it("goes with the VPS", async () => {
    await agent.delete({ vpsId, epoch: 1, key: "d" }, never);
    expect(await leftovers(node, vpsId)).toEqual([]);
  });

  it("stands again after the agent was started anew, even where a firewall had swept it away", async () => {
    await agent.close();
    await nft("delete", "table", ...table());
    agent = await node.boot();
    vpsId = node.creation(2).vpsId;
    expect((await guest(ping())).exitCode).toBe(0);
    await guest(`ip address add ${stolen}/24 dev eth0`);
    expect((await guest(ping("-I", stolen))).exitCode).not.toBe(0);
  });
});
