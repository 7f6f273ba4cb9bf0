import { defineConfig } from "@playwright/test";
import { CHROMIUM } from "./browser.ts";

/**
 * Two projects. `screens`: every screen, against simulated nodes. `real`: the real engine on this host,
 * asserted from the browser and from outside the product. Specs find things by role and label only.
 */
export default defineConfig({
  timeout: 120_000,
  expect: { timeout: 15_000 },
  fullyParallel: false,
  workers: 1, // one kernel, one bridge, two cores
  forbidOnly: true,
  maxFailures: 8,
  retries: 0, // a flaky test is a failing test
  reporter: [["list"], ["json", { outputFile: process.env["MUSTER_TEST_REPORT"] ?? "test-results/report.json" }]],
  use: {
    launchOptions: CHROMIUM,
    trace: "retain-on-failure",
    screenshot: "only-on-failure",
    viewport: { width: 1440, height: 900 },
  },
  projects: [
    { name: "screens", testDir: "screens" },
    { name: "real", testDir: "real" },
  ],
});
