/**
 * The tiers of test, told apart by file name, so that one glance at a listing says what a test needs:
 *
 * - unit   `x.test.ts`        nothing but the process
 * - db     `x.db.test.ts`     a PostgreSQL (a template database is cloned per file)
 * - fleet  `x.fleet.test.ts`  the whole control plane with simulated nodes, in one process
 * - real   `x.real.test.ts`   root on Linux: runc, CRIU, btrfs; one at a time, since they share one kernel
 */
import { defineConfig } from "vitest/config";

const SLOW_TIERS = ["db", "fleet", "real"] as const;

export function tiers() {
  const slow = SLOW_TIERS.map((tier) => ({
    test: {
      name: tier,
      include: [`src/**/*.${tier}.test.ts`, `*.${tier}.test.ts`],
      testTimeout: 60_000,
      hookTimeout: 120_000,
      fileParallelism: tier !== "real",
      maxWorkers: tier === "real" ? 1 : 2,
    },
  }));
  return defineConfig({
    test: {
      passWithNoTests: true,
      projects: [
        {
          test: {
            name: "unit",
            // A property test is a thousand small ones; on two slow cores beside other packages it may take seconds.
            testTimeout: 30_000,
            include: ["src/**/*.test.{ts,tsx}", "*.test.ts"],
            exclude: SLOW_TIERS.map((tier) => `**/*.${tier}.test.ts`),
          },
        },
        ...slow,
      ],
    },
  });
}
