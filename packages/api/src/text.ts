/**
 * Text that a person types. Neither PostgreSQL nor an argument vector can hold a NUL, and half of a surrogate pair is no
 * Unicode: refused here by name, they would come back as a failure of ours from deep below.
 */
import { z } from "zod";

const isStorable = (text: string): boolean => !text.includes("\0") && text.isWellFormed();

const NOT_STORABLE = "must be Unicode text without NUL characters";

export const textSchema = (maxLength: number) =>
  z.string().max(maxLength, `must be at most ${maxLength} characters`).refine(isStorable, NOT_STORABLE);

/** What PostgreSQL can hold and a person can mean; the zone is the caller's, the answer is in UTC. */
export const momentSchema = z.iso
  .datetime({ offset: true, error: "must be a date and time with a zone, such as 2026-01-31T06:00:00Z" })
  .refine((text) => new Date(text).getUTCFullYear() >= 1970, "must not be before 1970")
  .transform((text) => new Date(text).toISOString());
