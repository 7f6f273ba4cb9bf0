/** What a server takes from the queue, when something in it is not for it. */
import { openDatabase } from "@muster/db/client";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ACTOR, createTestFleet, ended, type TestFleet } from "../testing/test-fleet.ts";

let control: TestFleet;

beforeAll(async () => {
  control = await createTestFleet();
});
afterAll(() => control.close());

test("a job that another version left behind, with an error that nobody here knows, is taken back all the same", async () => {
  const { nodeId } = await control.addNode("alpha");
  const database = openDatabase(control.url);
  const step = {
    index: 0,
    name: "unpack",
    title: "Unpack it",
    state: "failed",
    error: { code: "of_tomorrow", message: "?" },
  };
  await database.prisma.job.create({
    data: {
      ...{
        id: "jtomorrow00",
        kind: "template.import",
        state: "undoing",
        actor: "ada",
        nodeId,
        nodeName: "alpha",
        input: {},
      },
      steps: { create: [step] },
    },
  });
  // One import at a time on a node: this one waits for that.
  const { jobId } = await control.fleet.templates.import({
    ...{ nodeId, name: "debian", description: "", init: "systemd", actor: ACTOR },
    ...{ fileName: "debian.tar", sha256: "1".repeat(64) },
  });
  const job = await ended(control.fleet, jobId);
  expect(job.state).toBe("succeeded");
  const left = await ended(control.fleet, "jtomorrow00");
  expect(left).toMatchObject({ state: "failed", error: { code: "internal", message: "?" } });
  await database.close();
});
