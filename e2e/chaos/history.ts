/** All that the fleet says of itself, read page by page. */
import type { Job, MusterClient } from "@muster/client";

const PAGE = 200;

export type FleetVps = Awaited<ReturnType<MusterClient["vps"]["list"]["query"]>>["items"][number];

async function everyPage<Item>(
  read: (cursor: string | undefined) => Promise<{ items: Item[]; nextCursor: string | null }>,
) {
  const all: Item[] = [];
  for (let cursor: string | undefined; ; ) {
    const { items, nextCursor } = await read(cursor);
    all.push(...items);
    if (nextCursor === null) return all;
    cursor = nextCursor;
  }
}

export const allJobs = (client: MusterClient): Promise<Job[]> =>
  everyPage((cursor) => client.jobs.list.query({ limit: PAGE, cursor }));

export const allVps = (client: MusterClient): Promise<FleetVps[]> =>
  everyPage((cursor) => client.vps.list.query({ limit: PAGE, cursor }));
