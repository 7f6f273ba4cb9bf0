/** How the limits stand together on a page: by the first word of their names. One that is new finds its place by itself. */
import { LIMIT_NAMES, LIMITS, type LimitName } from "@muster/model/limits/registry";

const TITLE: Readonly<Record<string, string>> = {
  cpu: "CPU",
  memory: "Memory",
  disk: "Disk",
  nic: "Network",
  io: "Disk I/O",
  pids: "Processes",
};

export interface LimitGroup {
  key: string;
  title: string;
  names: LimitName[];
}

function groupsOf(names: readonly LimitName[]): LimitGroup[] {
  const groups = new Map<string, LimitName[]>();
  for (const name of names) {
    const [key = name] = name.split(".");
    groups.set(key, [...(groups.get(key) ?? []), name]);
  }
  return [...groups].map(([key, members]) => ({ key, title: TITLE[key] ?? key, names: members }));
}

export const LIMIT_GROUPS = groupsOf(LIMIT_NAMES);

/** What a node promises to its VPSs: every new VPS is asked for it. The others have values that do for most. */
export const PRIMARY_LIMITS = LIMIT_NAMES.filter((name) => LIMITS[name].shares !== null);
export const OTHER_LIMITS = LIMIT_NAMES.filter((name) => LIMITS[name].shares === null);
