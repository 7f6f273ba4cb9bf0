/** What a step found or made, as names and values for people. The names tell the units: `diskBytes`, `waitedMs`, `dueAt`. */
import type { JobStep } from "@muster/model/job";
import { formatBitsPerSecond, formatBytes, formatDuration } from "@muster/model/units";
import { exactTime } from "../ui/exact-time.ts";

type Output = NonNullable<JobStep["output"]>;
type Value = Output[string];

const UNITS: readonly { suffix: string; format: (value: number) => string }[] = [
  { suffix: "BitsPerSecond", format: formatBitsPerSecond },
  { suffix: "Bytes", format: formatBytes },
  { suffix: "Ms", format: formatDuration },
];

/** "freedBytes" -> "Freed"; "vpsId" -> "Vps id" would be wrong: what is an abbreviation stays one. */
const ABBREVIATIONS: Readonly<Record<string, string>> = {
  vps: "VPS",
  mac: "MAC",
  cpu: "CPU",
  nic: "NIC",
  nics: "NICs",
};

function nameOf(key: string): string {
  const words = key
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .split(/[\s._-]+/)
    .map((word) => ABBREVIATIONS[word] ?? word)
    .join(" ");
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
}

function plain(value: Value): string {
  if (value === null) return "none";
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value === "number") return value.toLocaleString("en-GB");
  if (typeof value === "string") return value;
  if (Array.isArray(value)) return value.length === 0 ? "none" : value.map(plain).join(", ");
  return JSON.stringify(value);
}

function factOf(key: string, value: Value): (readonly [name: string, value: string])[] {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    return Object.entries(value).flatMap(([inner, each]) => factOf(`${key} ${inner}`, each));
  }
  const unit = UNITS.find(({ suffix }) => key.endsWith(suffix));
  if (unit !== undefined && typeof value === "number") {
    return [[nameOf(key.slice(0, -unit.suffix.length)), unit.format(value)]];
  }
  if (key.endsWith("At") && typeof value === "string" && !Number.isNaN(Date.parse(value))) {
    return [[nameOf(key.slice(0, -"At".length)), exactTime(value)]];
  }
  return [[nameOf(key), plain(value)]];
}

export function outputFacts(output: Output): (readonly [name: string, value: string])[] {
  return Object.entries(output).flatMap(([key, value]) => factOf(key, value));
}
