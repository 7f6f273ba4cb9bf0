/** A node's list of templates is written by whoever took stock of it: a job, and the server that follows the node. */
import { openDatabase } from "@muster/db/client";
import { afterAll, beforeAll, expect, test } from "vitest";
import { databaseAccess } from "../database-access.ts";
import { FAKE_TEMPLATE } from "../testing/fake-agent.ts";
import { createTestFleet, type TestFleet } from "../testing/test-fleet.ts";
import { createNodeStore } from "./store.ts";

let control: TestFleet;

beforeAll(async () => {
  control = await createTestFleet();
});
afterAll(() => control.close());

test("two that write it at once do not fail each other: an enrolment or an import would be stuck by it", async () => {
  const { nodeId } = await control.addNode("alpha");
  const database = openDatabase(control.url);
  const store = createNodeStore(databaseAccess(database), { nowMs: () => Date.now() });
  const all = [FAKE_TEMPLATE, { ...FAKE_TEMPLATE, name: "debian" }];
  for (let round = 0; round < 10; round += 1) {
    await Promise.all([1, 2, 3, 4].map(() => store.saveTemplates(nodeId, all)));
  }
  expect((await control.fleet.nodes.get(nodeId)).templates.map(({ name }) => name)).toEqual(["busybox", "debian"]);
  await database.close();
});
