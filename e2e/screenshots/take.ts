/**
 * Takes the pictures that README.md shows: `pnpm --filter @muster/e2e screenshots`. Twenty simulated nodes,
 * labelled so in the picture, and VPSs created through the API as a script would.
 */
import { fileURLToPath } from "node:url";
import { chromium, type Page } from "@playwright/test";
import { completeSetup, scriptClient } from "../account.ts";
import { CHROMIUM } from "../browser.ts";
import { signIn } from "../fixtures.ts";
import { createVpss } from "../fleet-of.ts";
import { startProduct } from "../product.ts";

const NAMES = ["web", "mail", "shop", "wiki", "build", "cache", "git", "chat"];
const CHART_FILLS_MS = 45_000;

async function picture(page: Page, name: string): Promise<void> {
  const path = fileURLToPath(new URL(`${name}.png`, import.meta.url));
  await page.screenshot({ path });
  process.stderr.write(`wrote ${path}\n`);
}

const product = await startProduct({ name: "shots", port: 19_140, network: "10.87.3.0/24", simulate: 20 });
const browser = await chromium.launch(CHROMIUM);
try {
  await completeSetup(product);
  const [vpsId = ""] = await createVpss(await scriptClient(product), NAMES);
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 }, colorScheme: "light" });
  await signIn(page, product);
  await page.getByRole("table", { name: "VPSs" }).getByText("web").waitFor();
  await picture(page, "fleet");
  await page.emulateMedia({ colorScheme: "dark" });
  await page.goto(`${product.url}/vps/${vpsId}`);
  await page.getByRole("figure", { name: "NIC throughput" }).waitFor();
  await page.waitForTimeout(CHART_FILLS_MS); // a picture of a chart needs a minute of life in it
  await picture(page, "vps");
} finally {
  await browser.close();
  await product.end();
}
