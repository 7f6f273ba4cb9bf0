import { expect, test } from "vitest";
import { changeOf } from "./change-feed.ts";
import { createInbox } from "./inbox.ts";

test("an inbox keeps the latest of each thing, in the order of the latest changes", async () => {
  const inbox = createInbox<number>(new AbortController().signal);
  inbox.put("a", 1);
  inbox.put("b", 2);
  inbox.put("a", 3);
  expect(await inbox.take()).toEqual([2, 3]);
});

test("a reader waits until there is something, or until it is told to stop", async () => {
  const stop = new AbortController();
  const inbox = createInbox<number>(stop.signal);
  const first = inbox.take();
  inbox.put("a", 1);
  expect(await first).toEqual([1]);
  const second = inbox.take();
  stop.abort();
  expect(await second).toEqual([]);
  expect(await inbox.take()).toEqual([]);
});

test("a notification says where to look", () => {
  const job = { type: "job", eventId: 17n, jobId: "jabcdefghij" };
  expect(changeOf("muster_job", "17 jabcdefghij queued")).toEqual({ ...job, state: "queued" });
  expect(changeOf("muster_job", "17 jabcdefghij -")).toEqual({ ...job, state: null });
  expect(changeOf("muster_fleet", "n1 v1")).toEqual({ type: "fleet", nodeId: "n1", vpsId: "v1" });
  expect(changeOf("muster_fleet", "n1 -")).toEqual({ type: "fleet", nodeId: "n1", vpsId: null });
});
