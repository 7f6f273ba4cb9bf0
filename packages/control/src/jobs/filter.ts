/** What of the history is asked for, and where its next page begins. */
import type { Prisma } from "@muster/db/client";
import { MusterError } from "@muster/model/errors";
import { z } from "zod";
import type { JobFilter } from "../fleet.ts";

const cursorSchema = z.string().transform((text, context) => {
  const [at = "", id = ""] = text.split("_");
  const date = new Date(Number(at));
  if (id !== "" && date.getTime() >= 0) return { createdAt: date, id };
  context.addIssue("is not a cursor of this list");
  return z.NEVER;
});

export function whereOf(filter: JobFilter): Prisma.JobWhereInput {
  const { vpsId, nodeId, kinds, states, actor, search, from, to, active } = filter;
  const part = search === undefined ? undefined : { contains: likeText(search), mode: "insensitive" as const };
  return {
    ...(vpsId === undefined ? {} : { vpsId }),
    ...(nodeId === undefined ? {} : { nodeId }),
    ...(kinds === undefined ? {} : { kind: { in: [...kinds] } }),
    ...(states === undefined ? {} : { state: { in: [...states] } }),
    ...(actor === undefined ? {} : { actor }),
    ...(part === undefined ? {} : { OR: [{ vpsName: part }, { nodeName: part }] }),
    ...(from === undefined && to === undefined ? {} : { createdAt: between(from, to) }),
    ...(active === undefined ? {} : { endedAt: active ? null : { not: null } }),
  };
}

function between(from: string | undefined, to: string | undefined): Prisma.DateTimeFilter {
  return {
    ...(from === undefined ? {} : { gte: new Date(from) }),
    ...(to === undefined ? {} : { lt: new Date(to) }),
  };
}

/** Prisma leaves LIKE's own signs as they are: a name with an underscore is searched for as it is written. */
function likeText(text: string): string {
  return text.replaceAll(/[\\%_]/g, (sign) => `\\${sign}`);
}

export function cursorOf({ createdAt, id }: { createdAt: Date; id: string }): string {
  return `${createdAt.getTime()}_${id}`;
}

export function afterCursor(cursor: string | undefined): Prisma.JobWhereInput {
  if (cursor === undefined) return {};
  const parsed = cursorSchema.safeParse(cursor);
  if (!parsed.success) {
    throw new MusterError("invalid_input", "The cursor is not one of this list.", {
      field: "cursor",
      cause: parsed.error,
    });
  }
  const { createdAt, id } = parsed.data;
  return { OR: [{ createdAt: { lt: createdAt } }, { createdAt, id: { lt: id } }] };
}
