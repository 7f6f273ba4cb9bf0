import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type PlacementState,
  placementStateSchema,
  templateNameSchema,
  type VpsOperation,
  type VpsState,
  vpsCan,
  vpsNameSchema,
  vpsOperationSchema,
  vpsState,
  vpsStateSchema,
} from "./vps.ts";

const HOSTILE = [
  "",
  " ",
  "-",
  "--help",
  "-rf",
  "../x",
  "..",
  ".",
  "/etc/passwd",
  "a/b",
  "a\\b",
  ";reboot",
  "a;reboot",
  "$(reboot)",
  "`reboot`",
  "a|b",
  "a&b",
  "a b",
  "a\tb",
  "a\nb",
  "web\n",
  "a\0b",
  "web\0",
  "%2e%2e",
  "a%00",
  "'; drop table vps; --",
  '<img src="x">',
  "Web",
  "wеb", // Cyrillic е
  "ｗｅｂ", // full width
  "wéb",
  "web\u200b",
  "\u202eweb",
  "xn--\u00e9",
  "💥",
  "__proto__",
  "web_1",
  "1web",
  "web-",
  "web.",
  `a${"b".repeat(63)}`,
  "a".repeat(10_000),
];

describe("the name of a VPS", () => {
  test.each(HOSTILE)("is not %j", (name) => {
    expect(vpsNameSchema.safeParse(name).success).toBe(false);
  });

  test.each(["a", "web", "web-1", "constructor", "a--b", `a${"b".repeat(62)}`])("may be %j", (name) => {
    expect(vpsNameSchema.safeParse(name).success).toBe(true);
  });

  test("is made of nothing but a-z, 0-9 and '-', whatever was typed", () => {
    const typed = fc.oneof(fc.string({ unit: "binary" }), fc.string({ unit: fc.constantFrom(..."ab0-./; \n") }));
    fc.assert(
      fc.property(typed, (text) => {
        const parsed = vpsNameSchema.safeParse(text);
        if (!parsed.success) return;
        expect(parsed.data).toBe(text);
        expect(text.length).toBeLessThanOrEqual(63);
        expect([...text].every((one) => "abcdefghijklmnopqrstuvwxyz0123456789-".includes(one))).toBe(true);
        expect(text.startsWith("-") || text.endsWith("-")).toBe(false);
      }),
      { numRuns: 2_000 },
    );
  });

  test.each([undefined, null, 7, true, ["web"], { toString: () => "web" }])("is a string, not %j", (value) => {
    expect(vpsNameSchema.safeParse(value).success).toBe(false);
  });
});

describe("the name of a template", () => {
  test.each(["--help", "../x", "..", ".hidden", "a/b", "a;b", "a b", "Debian", "a\n", "a".repeat(64)])(
    "is not %j",
    (name) => {
      expect(templateNameSchema.safeParse(name).success).toBe(false);
    },
  );

  test.each(["busybox", "debian-12", "alpine-3.20"])("may be %j", (name) => {
    expect(templateNameSchema.safeParse(name).success).toBe(true);
  });
});

describe("the state that people see", () => {
  const operations: (VpsOperation | null)[] = [...vpsOperationSchema.options, null];
  const placements: (PlacementState | null)[] = [...placementStateSchema.options, null];

  const goesOnDuring = new Set<VpsOperation | null>(["vps.setLimits", "vps.rename", "vps.adopt"]);

  test("is never a resting state while a job changes it, and never green for a silent node", () => {
    for (const operation of operations) {
      for (const placement of placements) {
        for (const nodeHeard of [true, false]) {
          const state = vpsState({ operation, placement, nodeHeard });
          const resting = operation === null || goesOnDuring.has(operation);
          if (!resting) expect(state).toMatch(/ing$/);
          if (resting && !nodeHeard) expect(state).toBe("unknown");
          if (state === "running") expect([resting, placement, nodeHeard]).toEqual([true, "running", true]);
        }
      }
    }
  });

  test.each<[PlacementState | null, VpsState]>([
    ["preparing", "creating"],
    ["stopped", "stopped"],
    ["running", "running"],
    ["broken", "failed"],
    [null, "failed"],
  ])("of a placement that is %s is %s", (placement, state) => {
    expect(vpsState({ operation: null, placement, nodeHeard: true })).toBe(state);
  });
});

describe("what may be done with a VPS", () => {
  const actions = ["start", "stop", "restart", "delete", "terminal"] as const;
  const allowedIn: Record<VpsState, readonly (typeof actions)[number][]> = {
    creating: [],
    starting: [],
    stopping: [],
    restarting: [],
    deleting: [],
    unknown: [],
    stopped: ["start", "delete"],
    failed: ["start", "delete"],
    running: ["stop", "restart", "delete", "terminal"],
  };

  test.each(vpsStateSchema.options)("while it is %s", (state) => {
    const allowed = actions.filter((action) => vpsCan[action]({ state, holdingJob: null }).allowed);
    expect(allowed).toEqual(allowedIn[state]);
  });

  test("is nothing while a job holds it, and the reason names the job", () => {
    for (const action of actions) {
      for (const state of vpsStateSchema.options) {
        const answer = vpsCan[action]({ state, holdingJob: { jobId: "j0000000001", operation: "vps.stop" } });
        expect(answer).toEqual({ allowed: false, reason: "Stop VPS is under way (job j0000000001)." });
      }
    }
  });

  test("every refusal is a sentence", () => {
    for (const action of actions) {
      for (const state of vpsStateSchema.options) {
        const answer = vpsCan[action]({ state, holdingJob: null });
        if (!answer.allowed) expect(answer.reason).toMatch(/^[A-Z].*\.$/);
      }
    }
  });
});
