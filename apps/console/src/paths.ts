/** Every URL of the console. */

export const NODE_TABS = [
  "overview",
  "vps",
  "policy",
  "inventory",
  "nics",
  "templates",
  "capabilities",
  "history",
] as const;
export const VPS_TABS = ["overview", "resources", "history", "terminal"] as const;

export type NodeTab = (typeof NODE_TABS)[number];
export type VpsTab = (typeof VPS_TABS)[number];

function withQuery(path: string, query: Record<string, string | undefined>): string {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) if (value) search.set(key, value);
  return search.size === 0 ? path : `${path}?${search}`;
}

export const paths = {
  fleet: () => "/",
  setup: () => "/setup",
  signIn: (query: { next?: string } = {}) => withQuery("/sign-in", query),
  node: (nodeId: string, tab?: NodeTab) => withQuery(`/nodes/${nodeId}`, { tab }),
  vps: (vpsId: string, tab?: VpsTab) => withQuery(`/vps/${vpsId}`, { tab }),
  newVps: (query: { node?: string } = {}) => withQuery("/vps/new", query),
  jobs: () => "/jobs",
  job: (jobId: string) => `/jobs/${jobId}`,
  account: () => "/account",
} as const;
