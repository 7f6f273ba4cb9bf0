/** Puts a job that changed into the lists that already show it, so that a step moves at once and not at the next reading. */
import { type Job, jobPageSchema } from "@muster/model/job";
import type { QueryClient, QueryFilters } from "@tanstack/react-query";
import { z } from "zod";

const pagesSchema = z.looseObject({ pages: z.array(jobPageSchema) });
type Page = z.infer<typeof jobPageSchema>;

export function mergeIntoPage(page: Page, job: Job): Page | null {
  if (!page.items.some((item) => item.id === job.id)) return null;
  return { ...page, items: page.items.map((item) => (item.id === job.id ? job : item)) };
}

/** @returns whether any list had it. */
export function mergeJob(cache: QueryClient, filter: QueryFilters, job: Job): boolean {
  let known = false;
  cache.setQueriesData(filter, (data: unknown) => {
    const page = jobPageSchema.safeParse(data);
    if (page.success) {
      const merged = mergeIntoPage(page.data, job);
      known ||= merged !== null;
      return merged ?? data;
    }
    const infinite = pagesSchema.safeParse(data);
    if (!infinite.success) return data;
    const pages = infinite.data.pages.map((each) => mergeIntoPage(each, job));
    known ||= pages.some((each) => each !== null);
    return { ...infinite.data, pages: infinite.data.pages.map((each, index) => pages[index] ?? each) };
  });
  return known;
}
