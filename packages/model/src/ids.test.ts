import fc from "fast-check";
import { expect, test } from "vitest";
import { jobIdSchema, newId, nodeIdSchema, vpsIdSchema } from "./ids.ts";

const SCHEMAS = { v: vpsIdSchema, n: nodeIdSchema, j: jobIdSchema } as const;
const random = (bytes: Uint8Array) => crypto.getRandomValues(bytes);

test("an id has its own kind and no other", () => {
  for (const kind of ["v", "n", "j"] as const) {
    const id = newId(kind, random);
    for (const other of ["v", "n", "j"] as const) {
      expect(SCHEMAS[other].safeParse(id).success).toBe(kind === other);
    }
  }
});

test("an id names a network interface: at most 15 characters, whatever the bytes", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 10, maxLength: 10 }), (bytes) => {
      const id = newId("v", (target) => {
        target.set(bytes);
        return target;
      });
      expect(id).toMatch(/^v[0-9a-kmnp-z]{10}$/);
      expect(id.length).toBeLessThanOrEqual(15);
    }),
  );
});

test("ten thousand ids are ten thousand different ones", () => {
  expect(new Set(Array.from({ length: 10_000 }, () => newId("v", random))).size).toBe(10_000);
});

test.each(["", "v", "--help", "../x", "v000000000/", "v0000000001\n", "V0000000001", "v00000000012", "v00000000é"])(
  "%j is no id",
  (text) => {
    for (const schema of Object.values(SCHEMAS)) expect(schema.safeParse(text).success).toBe(false);
  },
);
