/**
 * First light: what a person does with a first VPS, in a browser, on this host's real engine; each step is
 * asserted in the browser and from outside the product.
 */
import { expect, type Page } from "@playwright/test";
import { ADMINISTRATOR } from "../account.ts";
import { real as test } from "../fixtures.ts";
import { NO_TRACES, runcList, tracesOf } from "../host.ts";
import type { Product } from "../product.ts";

const NAME = "first-light";
const ADDRESS = "10.86.2.50";
/** Far above an idle VPS (ARP, a few packets) and far below a loop of requests. */
const BUSY_BITS_PER_SECOND = 50_000;

async function signUp(page: Page, product: Product): Promise<void> {
  await page.goto(`${product.url}/setup#token=${product.token}`);
  await page.getByLabel("Name", { exact: true }).fill(ADMINISTRATOR.name);
  await page.getByLabel("E-mail").fill(ADMINISTRATOR.email);
  await page.getByLabel("Password", { exact: true }).fill(ADMINISTRATOR.password);
  await page.getByRole("button", { name: "Create administrator" }).click();
  await expect(page.getByRole("heading", { name: "Fleet" })).toBeVisible();
}

async function create(page: Page): Promise<string> {
  await page
    .getByRole("link", { name: "Create VPS", exact: true })
    .or(page.getByRole("button", { name: "Create VPS", exact: true }))
    .first()
    .click();
  await page.getByLabel("Name", { exact: true }).fill(NAME);
  await page.getByLabel("Address").fill(ADDRESS);
  // The node has just joined: the form suggests it once it has been heard.
  await expect(page.getByRole("combobox", { name: "Node" })).not.toHaveValue("");
  await expect(page.getByRole("combobox", { name: "Template" })).not.toHaveValue("");
  await page.getByRole("button", { name: "Create VPS", exact: true }).last().click();
  await expect(page.getByRole("heading", { name: NAME })).toBeVisible();
  await expect(page.getByRole("status", { name: "State" })).toHaveText(/running/i);
  const vpsId = /\/vps\/(v[0-9a-z]{10})/.exec(page.url())?.[1];
  if (vpsId === undefined) throw new Error(`no VPS in the address: ${page.url()}`);
  return vpsId;
}

/** Fetches from the VPS until told to stop; returns the bytes that came. */
async function load(until: Promise<void>): Promise<number> {
  let bytes = 0;
  let going = true;
  void until.then(() => {
    going = false;
  });
  while (going) {
    const answer = await fetch(`http://${ADDRESS}/`, { signal: AbortSignal.timeout(5_000) });
    bytes += (await answer.arrayBuffer()).byteLength;
  }
  return bytes;
}

const FACTOR = new Map([
  ["", 1],
  ["k", 1_000],
  ["M", 1_000_000],
  ["G", 1_000_000_000],
]);

/** What the chart says in words that the VPS sends now; NaN while it says nothing. */
async function sentBitsPerSecond(page: Page): Promise<number> {
  const text = await page.getByRole("figure", { name: "NIC throughput" }).textContent();
  const [, figure, prefix] = /Sent\s+([\d.]+)\s+([kMG]?)bit\/s/.exec(text ?? "") ?? [];
  return Number(figure) * (FACTOR.get(prefix ?? "") ?? Number.NaN);
}

test("a person creates a VPS, sees it serve and its traffic in the chart, stops and deletes it, and nothing is left", async ({
  page,
  product,
}) => {
  await test.step("sign up with the printed token", () => signUp(page, product));
  const vpsId = await test.step("create a VPS", () => create(page));

  await test.step("runc, the kernel and the pool know it", async () => {
    expect(await runcList()).toContain(vpsId);
    const traces = await tracesOf(vpsId, product.dataDir);
    expect(traces.interfaces).toHaveLength(1);
    expect(traces.subvolumes).toHaveLength(1);
    for (const seen of [traces.mounts, traces.cgroups, traces.processes]) expect(seen.length).toBeGreaterThan(0);
  });

  await test.step("its web page opens in a browser", async () => {
    const guest = await page.context().newPage();
    const answer = await guest.goto(`http://${ADDRESS}/`);
    expect(answer?.status()).toBe(200);
    await expect(guest.getByText(NAME)).toBeVisible();
    await guest.close();
  });

  await test.step("its traffic shows in the chart while a load runs", async () => {
    let stop = () => {};
    const loading = load(
      new Promise<void>((resolve) => {
        stop = resolve;
      }),
    );
    await expect.poll(() => sentBitsPerSecond(page), { timeout: 20_000 }).toBeGreaterThan(BUSY_BITS_PER_SECOND);
    stop();
    expect(await loading).toBeGreaterThan(0);
    await expect.poll(() => sentBitsPerSecond(page), { timeout: 20_000 }).toBeLessThan(BUSY_BITS_PER_SECOND);
  });

  await test.step("the history of the create survives a reload", async () => {
    await page.reload();
    await page.getByRole("tab", { name: "History" }).click();
    await expect(page.getByText(/create/i).first()).toBeVisible();
  });

  await test.step("stop", async () => {
    await page.getByRole("button", { name: "Stop", exact: true }).click();
    await expect(page.getByRole("status", { name: "State" })).toHaveText(/stopped/i);
    expect((await tracesOf(vpsId, product.dataDir)).processes).toEqual([]);
  });

  await test.step("delete", async () => {
    await page.getByRole("button", { name: "Delete", exact: true }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("textbox").fill(NAME);
    await dialog.getByRole("button", { name: /Delete/ }).click();
    await expect(page.getByText("This VPS is gone")).toBeVisible();
    await page.goto(product.url);
    await expect(page.getByText("No VPS yet")).toBeVisible();
  });

  await test.step("nothing is left on the host", async () => {
    expect(await tracesOf(vpsId, product.dataDir)).toEqual(NO_TRACES);
  });
});
