/** Every screen, in light and dark, against axe (WCAG 2.1 A and AA); and the console by keyboard alone. */
import { AxeBuilder } from "@axe-core/playwright";
import { expect } from "@playwright/test";
import { scriptClient } from "../account.ts";
import { simulated as test } from "../fixtures.ts";
import { createVpss } from "../fleet-of.ts";

const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"];
let vpsId = "";
let nodeId = "";
let jobId = "";

test.beforeAll(async ({ product }) => {
  const client = await scriptClient(product);
  [vpsId = ""] = await createVpss(client, ["axe"]);
  ({ nodeId } = await client.vps.get.query({ vpsId }));
  jobId = (await client.jobs.list.query({ vpsId, limit: 1 })).items[0]?.id ?? "";
});

const SCREENS = [
  ["fleet", () => "/", "Fleet"],
  ["VPS", () => `/vps/${vpsId}`, "axe"],
  ["resources", () => `/vps/${vpsId}?tab=resources`, "axe"],
  ["create", () => "/vps/new", "Create VPS"],
  ["history", () => "/jobs", "History"],
  ["history, filtered", () => "/jobs?kind=vps.create&outcome=succeeded,failed&last=24h", "History"],
  ["history, of nothing", () => "/jobs?name=nothing-like-it", "History"],
  ["job", () => `/jobs/${jobId}`, "Create VPS axe"],
  ["node", () => `/nodes/${nodeId}`, "sim-"],
  ["policy", () => `/nodes/${nodeId}?tab=policy`, "sim-"],
  ["capabilities", () => `/nodes/${nodeId}?tab=capabilities`, "sim-"],
  ["history of a node", () => `/nodes/${nodeId}?tab=history`, "sim-"],
  ["account", () => "/account", "Account"],
] as const;

for (const scheme of ["light", "dark"] as const) {
  for (const [name, path, heading] of SCREENS) {
    test(`${name} is accessible in ${scheme}`, async ({ signedIn: page, product }) => {
      await page.emulateMedia({ colorScheme: scheme });
      await page.goto(product.url + path());
      await expect(page.getByRole("heading", { name: heading }).first()).toBeVisible();
      const { violations } = await new AxeBuilder({ page }).withTags(RULES).analyze();
      expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(" ")}`)).toEqual([]);
    });
  }
}

test("the palette leads to a VPS by keyboard alone", async ({ signedIn: page }) => {
  await page.keyboard.press("Control+k");
  await page.getByRole("textbox", { name: "Search or run a command" }).fill("axe");
  await expect(page.getByRole("dialog").getByRole("button", { name: /axe/ })).toBeVisible(); // the server was asked
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "axe" })).toBeVisible();
});
