/**
 * Takes the pictures that README.md shows: `pnpm --filter @muster/e2e screenshots`. Twenty simulated nodes,
 * labelled so in the picture, and VPSs created through the API as a script would.
 */
import { fileURLToPath } from "node:url";
import { MIB } from "@muster/model/units";
import { chromium, type Page } from "@playwright/test";
import { completeSetup, scriptClient } from "../account.ts";
import { CHROMIUM } from "../browser.ts";
import { signIn } from "../fixtures.ts";
import { type Product, startProduct } from "../product.ts";

const NAMES = ["web", "mail", "shop", "wiki", "build", "cache", "git", "chat"];
const CHART_FILLS_MS = 45_000;

async function createSome(product: Product): Promise<string> {
  const client = await scriptClient(product);
  const { items } = await client.nodes.list.query();
  let first = "";
  for (const [index, name] of NAMES.entries()) {
    const node = items[index % 3];
    if (node === undefined) throw new Error("no node to create on");
    const { address } = await client.vps.suggestAddress.query({ nodeId: node.id });
    if (address === null) throw new Error("the node's network is full");
    const spec = { name, template: "busybox", address, cpuCores: 1 + (index % 4), pidsMax: 256 };
    const sizes = { memoryBytes: (256 << (index % 4)) * MIB, diskBytes: 2048 * MIB };
    const { vpsId } = await client.vps.create.mutate({ nodeId: node.id, spec: { ...spec, ...sizes } });
    first ||= vpsId;
  }
  return first;
}

async function picture(page: Page, name: string): Promise<void> {
  const path = fileURLToPath(new URL(`${name}.png`, import.meta.url));
  await page.screenshot({ path });
  process.stderr.write(`wrote ${path}\n`);
}

const product = await startProduct({ name: "shots", port: 19_140, network: "10.87.3.0/24", simulate: 20 });
const browser = await chromium.launch(CHROMIUM);
try {
  await completeSetup(product);
  const vpsId = await createSome(product);
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
  await product.stop();
}
