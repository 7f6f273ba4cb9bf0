/**
 * The production build of the console: first load of the fleet page, signed in, cache off, in a fresh browser
 * context, until the table of VPSs is on the screen; and the JavaScript that came over the wire, compressed.
 * Twenty simulated nodes stand behind it: the page is measured, not a node.
 */
import { type Browser, chromium } from "@playwright/test";
import { ADMINISTRATOR, completeSetup, scriptClient } from "../account.ts";
import { CHROMIUM } from "../browser.ts";
import { createVpss } from "../fleet-of.ts";
import { startProduct } from "../product.ts";
import type { BenchResult } from "./bench.ts";
import { quantile, rounded } from "./quantile.ts";

const LOADS = 7;
const VPS_COUNT = 60;

async function signedInState(browser: Browser, url: string) {
  const context = await browser.newContext({ baseURL: url });
  const { email, password } = ADMINISTRATOR;
  const answer = await context.request.post("/api/auth/sign-in/email", {
    data: { email, password },
    headers: { origin: url },
  });
  if (!answer.ok()) throw new Error(`sign-in answered ${answer.status()}`);
  const state = await context.storageState();
  await context.close();
  return state;
}

async function load(browser: Browser, url: string, state: Awaited<ReturnType<typeof signedInState>>) {
  const context = await browser.newContext({ baseURL: url, storageState: state });
  const page = await context.newPage();
  const devtools = await context.newCDPSession(page);
  await devtools.send("Network.enable");
  await devtools.send("Network.setCacheDisabled", { cacheDisabled: true });
  const scripts = new Set<string>();
  let scriptBytes = 0;
  devtools.on("Network.responseReceived", ({ requestId, type }) => {
    if (type === "Script") scripts.add(requestId);
  });
  devtools.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
    if (scripts.has(requestId)) scriptBytes += encodedDataLength;
  });
  const began = performance.now();
  await page.goto("/", { waitUntil: "commit" });
  await page.getByRole("table", { name: "VPSs" }).waitFor();
  const loadMs = performance.now() - began;
  await page.waitForLoadState("load"); // scripts that were asked for late count too
  await context.close();
  return { loadMs, scriptKb: scriptBytes / 1000 };
}

export async function measure(): Promise<BenchResult> {
  const product = await startProduct({ name: "bsim", port: 19_120, network: "10.87.2.0/24", simulate: 20 });
  const browser = await chromium.launch(CHROMIUM);
  try {
    await completeSetup(product);
    await createVpss(
      await scriptClient(product),
      Array.from({ length: VPS_COUNT }, (_, index) => `web-${index}`),
    );
    const state = await signedInState(browser, product.url);
    await load(browser, product.url, state); // the server's first rendering compiles; it is not counted
    const loads: Awaited<ReturnType<typeof load>>[] = [];
    for (let index = 1; index <= LOADS; index += 1) {
      const one = await load(browser, product.url, state);
      process.stderr.write(
        `console ${index}/${LOADS}: ${rounded(one.loadMs)} ms, ${rounded(one.scriptKb)} kB of scripts\n`,
      );
      loads.push(one);
    }
    const times = loads.map((one) => one.loadMs);
    return {
      figures: {
        firstLoadMs: rounded(quantile(times, 0.5)),
        firstLoadMinMs: rounded(Math.min(...times)),
        firstLoadMaxMs: rounded(Math.max(...times)),
        jsKb: rounded(Math.max(...loads.map((one) => one.scriptKb))),
      },
      thresholds: { firstLoadMs: 1500, jsKb: 350 },
    };
  } finally {
    await browser.close();
    await product.end();
  }
}
