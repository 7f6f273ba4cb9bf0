/**
 * Ids are generated, never typed by a person, and short enough to name things in the kernel with:
 * a Linux interface name holds 15 characters (IFNAMSIZ - 1), a VPS id has 11.
 */
import { z } from "zod";

const ALPHABET = "0123456789abcdefghijkmnpqrstuvwxyz"; // no l, no o: they are misread aloud
const LENGTH = 10;

export const vpsIdSchema = z.string().regex(/^v[0-9a-z]{10}$/, "is not the id of a VPS");
export const nodeIdSchema = z.string().regex(/^n[0-9a-z]{10}$/, "is not the id of a node");
export const jobIdSchema = z.string().regex(/^j[0-9a-z]{10}$/, "is not the id of a job");

export type VpsId = z.infer<typeof vpsIdSchema>;
export type NodeId = z.infer<typeof nodeIdSchema>;
export type JobId = z.infer<typeof jobIdSchema>;

/** @param randomBytes fills an array with random bytes; `crypto.getRandomValues` in production. */
export function newId(prefix: "v" | "n" | "j", randomBytes: (bytes: Uint8Array) => Uint8Array): string {
  // A byte modulo 34 favours 18 of the symbols by 8 to 7; the ids have to be unique, not secret: 34^10 = 2 * 10^15 of them.
  const bytes = randomBytes(new Uint8Array(LENGTH));
  return prefix + Array.from(bytes, (byte) => ALPHABET.charAt(byte % ALPHABET.length)).join("");
}
