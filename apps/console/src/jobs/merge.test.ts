import type { Job } from "@muster/model/job";
import { QueryClient } from "@tanstack/react-query";
import { expect, test } from "vitest";
import { exampleJob } from "./example-job.ts";
import { mergeJob } from "./merge.ts";

const job = (id: string, state: Job["state"]) => exampleJob({ id, state });

test("a changed job moves in every list that shows it, paged or not; an unknown one is told", () => {
  const cache = new QueryClient();
  const page = { items: [job("j0000000001", "running")], total: 1, nextCursor: null };
  cache.setQueryData(["jobs", "recent"], page);
  cache.setQueryData(["jobs", "all"], { pages: [page], pageParams: [null] });
  const ended = job("j0000000001", "succeeded");
  expect(mergeJob(cache, { queryKey: ["jobs"] }, ended)).toBe(true);
  expect(cache.getQueryData(["jobs", "recent"])).toMatchObject({ items: [{ state: "succeeded" }] });
  expect(cache.getQueryData(["jobs", "all"])).toMatchObject({ pages: [{ items: [{ state: "succeeded" }] }] });
  expect(mergeJob(cache, { queryKey: ["jobs"] }, job("j0000000002", "queued"))).toBe(false);
});
