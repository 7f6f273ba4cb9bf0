/**
 * The output schema of a subscription: every item is parsed on its way out, like every other answer, and an
 * error in mid-stream is mapped like every other error. Closing the consumer closes the source.
 */
import { isTrackedEnvelope, type TrackedEnvelope, tracked } from "@trpc/server";
import { z } from "zod";
import { toTrpcError } from "./errors.ts";

export function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === "object" && value !== null && Symbol.asyncIterator in value;
}

export function streamOf<Item extends z.ZodType>(item: Item) {
  return z
    .custom<AsyncIterable<z.input<Item>>>(isAsyncIterable, "is not a stream")
    .transform(async function* (source): AsyncGenerator<z.output<Item>, void> {
      try {
        for await (const value of source) yield item.parse(value);
      } catch (error) {
        throw toTrpcError(error);
      }
    });
}

/** As streamOf, with an id at each item: a client that comes back sends the last one it saw. */
export function trackedStreamOf<Item extends z.ZodType>(item: Item) {
  return z
    .custom<AsyncIterable<TrackedEnvelope<z.input<Item>>>>(isAsyncIterable, "is not a stream")
    .transform(async function* (source): AsyncGenerator<TrackedEnvelope<z.output<Item>>, void> {
      try {
        for await (const envelope of source) {
          if (!isTrackedEnvelope(envelope)) throw new TypeError("a tracked stream yielded an item without an id");
          yield tracked(String(envelope[0]), item.parse(envelope[1]));
        }
      } catch (error) {
        throw toTrpcError(error);
      }
    });
}
