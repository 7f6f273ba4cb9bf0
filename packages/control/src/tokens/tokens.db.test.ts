import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTestFleet, type TestFleet } from "../testing/test-fleet.ts";
import { ENROLMENT_TOKEN_MS } from "./tokens.ts";

let control: TestFleet;
let nowMs = Date.now();

beforeAll(async () => {
  control = await createTestFleet({ clock: { nowMs: () => nowMs } });
});
afterAll(() => control.close());

const sign = async () => "certificate";
const node = (token: string, hostname = "host", simulated = false) => ({
  token,
  publicKeySha256: randomUUID(), // another key each time
  hostname,
  address: "127.0.0.1:1",
  simulated,
});
const claim = (token: string, ...rest: [string?, boolean?]) =>
  control.fleet.enrolment.claim(node(token, ...rest), sign);
const newToken = async () => (await control.fleet.enrolment.createToken({ actor: "ada" })).token;

describe("an enrolment token", () => {
  test("carries the CA's fingerprint, serves once, and makes names unique", async () => {
    const token = await newToken();
    expect(token).toMatch(/^muster1\.[0-9a-f]{64}\.[A-Za-z0-9_-]{43}$/);
    expect((await claim(token)).name).toBe("host");
    await expect(claim(token)).rejects.toMatchObject({ code: "token_invalid" });
    expect((await claim(await newToken())).name).toBe("host-2");
    expect((await claim(await newToken(), "ignored", true)).name).toBe("sim-01");
    expect((await claim(await newToken(), "ignored", true)).name).toBe("sim-02");
  });

  test("serves one of ten who use it at once", async () => {
    const token = await newToken();
    const results = await Promise.allSettled(Array.from({ length: 10 }, () => claim(token, "racer")));
    expect(results.filter((result) => result.status === "fulfilled")).toHaveLength(1);
  });

  test("serves nobody after its hour, nor with a letter changed", async () => {
    const token = await newToken();
    await expect(claim(`${token.slice(0, -1)}${token.endsWith("A") ? "B" : "A"}`)).rejects.toMatchObject({
      code: "token_invalid",
    });
    await expect(claim("muster1.short")).rejects.toMatchObject({ code: "token_invalid" });
    nowMs += ENROLMENT_TOKEN_MS;
    await expect(claim(token)).rejects.toMatchObject({ code: "token_invalid" });
  });

  test("is still good when the certificate could not be signed", async () => {
    const token = await newToken();
    const failing = control.fleet.enrolment.claim(node(token, "unsigned"), () =>
      Promise.reject(new Error("a bad request")),
    );
    await expect(failing).rejects.toThrow("a bad request");
    expect((await claim(token, "unsigned")).name).toBe("unsigned");
  });
});

describe("an agent that lost the answer", () => {
  const namedLike = async (name: string) =>
    (await control.fleet.nodes.list()).filter((each) => each.name.startsWith(name)).map(({ id }) => id);

  test("gets the same node for the same key, signed anew, and is the only one who does", async () => {
    const token = await newToken();
    const asked = node(token, "again");
    const claimWith = (request: typeof asked, certificate: string) =>
      control.fleet.enrolment.claim(request, async (id) => `${certificate} of ${id}`);
    const { nodeId } = await claimWith(asked, "first");
    const expected = { nodeId, name: "again", certificatePem: `second of ${nodeId}` };
    expect(await claimWith({ ...asked, address: "127.0.0.1:2" }, "second")).toEqual(expected);
    await expect(claim(token, "again")).rejects.toMatchObject({ code: "token_invalid" });
    expect(await namedLike("again")).toEqual([nodeId]);
    nowMs += ENROLMENT_TOKEN_MS;
    await expect(claimWith(asked, "late")).rejects.toMatchObject({ code: "token_invalid" });
  });

  test("makes one node though it asks ten times at once", async () => {
    const asked = node(await newToken(), "eager");
    const answers = await Promise.all(Array.from({ length: 10 }, () => control.fleet.enrolment.claim(asked, sign)));
    expect(await namedLike("eager")).toEqual([...new Set(answers.map(({ nodeId }) => nodeId))]);
  });
});

describe("the first-run token", () => {
  test("the newest alone serves, of many at once one wins, and afterwards there is none", async () => {
    const old = await control.fleet.firstRun.issueToken();
    const token = (await control.fleet.firstRun.issueToken()) ?? "";
    expect(await control.fleet.firstRun.needed()).toBe(true);
    const make = (email: string) => (key: string) =>
      control.fleet.firstRun.complete(key, (transaction) =>
        transaction.user.create({ data: { id: email, name: email, email }, select: { id: true } }),
      );
    await expect(make("old@example.org")(old ?? "")).rejects.toMatchObject({ code: "token_invalid" });
    const emails = Array.from({ length: 5 }, (_, index) => `admin${index}@example.org`);
    const results = await Promise.allSettled(emails.map((email) => make(email)(token)));
    expect(results.filter((result) => result.status === "fulfilled")).toHaveLength(1);
    expect(await control.fleet.firstRun.needed()).toBe(false);
    expect(await control.fleet.firstRun.issueToken()).toBeNull();
  });
});
