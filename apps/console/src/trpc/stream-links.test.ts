import type { AppRouter } from "@muster/api/root";
import { createTRPCClient } from "@trpc/client";
import { afterEach, expect, test, vi } from "vitest";
import { exampleJob } from "../jobs/example-job.ts";
import { streamLinks } from "./stream-links.ts";

/** The browser's, as far as it matters here: it says how it fares, and it is told. */
class Connection extends EventTarget {
  static readonly opened: Connection[] = [];
  readonly CLOSED = 2;
  readyState = 1;
  readonly url: string;
  constructor(url: string) {
    super();
    this.url = url;
    Connection.opened.push(this);
  }
  close() {
    this.readyState = this.CLOSED;
  }
  tell(type: string, data: unknown, lastEventId = "") {
    this.dispatchEvent(new MessageEvent(type, { data: JSON.stringify(data), lastEventId }));
  }
  /** As a browser does where the answer is 503: it does not try again. */
  giveUp() {
    this.close();
    this.dispatchEvent(new Event("error"));
  }
}

afterEach(() => vi.unstubAllGlobals());

test("a stream that the browser gave up is opened again, from the last event on", async () => {
  vi.stubGlobal("EventSource", Connection);
  const client = createTRPCClient<AppRouter>({ links: streamLinks("/trpc") });
  const seen: string[] = [];
  const subscription = client.jobs.watch.subscribe(undefined, { onData: ({ id }) => seen.push(id) });

  const [first] = await vi.waitUntil(() => Connection.opened.length === 1 && Connection.opened);
  expect(first?.url).not.toContain("lastEventId");
  first?.tell("connected", {});
  first?.tell("message", exampleJob(), "41");
  await vi.waitUntil(() => seen.length === 1);
  first?.giveUp();

  const [, second] = await vi.waitUntil(() => Connection.opened.length === 2 && Connection.opened, { timeout: 5_000 });
  expect(decodeURIComponent(second?.url ?? "")).toContain('{"lastEventId":"41"}');
  second?.tell("connected", {});
  second?.tell("message", exampleJob(), "42");
  await vi.waitUntil(() => seen.length === 2);
  expect(seen).toEqual(["41", "42"]);
  subscription.unsubscribe();
});
