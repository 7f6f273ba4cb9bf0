/** What the task panel asks for; the console's process prefetches the very same. */
export const RECENT_JOBS = { limit: 30 } as const;
export const JOBS_PER_PAGE = 50;
