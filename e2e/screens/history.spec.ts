/** The history: filters in the URL, a page per job, cancel, retry, a stuck job, and the export; the same inside a node and a VPS. */
import { readFile } from "node:fs/promises";
import type { MusterClient } from "@muster/client";
import { expect, type Locator, type Page } from "@playwright/test";
import { z } from "zod";
import { scriptClient } from "../account.ts";
import { simulated as test } from "../fixtures.ts";
import { createVpss, heardNodes, jobEnded } from "../fleet-of.ts";

const rowsOf = (page: Page): Locator => page.getByRole("table", { name: "Jobs" }).getByRole("row");

async function choose(page: Page, filter: string, ...choices: string[]) {
  await page.getByRole("button", { name: filter, exact: true }).click();
  for (const choice of choices) await page.getByRole("checkbox", { name: choice, exact: true }).check();
  await page.keyboard.press("Escape");
}

/** Asks for a VPS of this name and waits for nothing. */
async function askFor(client: MusterClient, name: string) {
  const [node] = await heardNodes(client);
  if (node === undefined) throw new Error("no node has joined");
  const { address } = await client.vps.suggestAddress.query({ nodeId: node.id });
  if (address === null) throw new Error(`the network of ${node.name} is full`);
  return client.vps.create.mutate({ nodeId: node.id, spec: { name, template: "busybox", address, limits: {} } });
}

test("filters narrow the history, stand in the URL, and are taken away one by one", async ({
  signedIn: page,
  product,
}) => {
  const client = await scriptClient(product);
  await createVpss(client, ["told-good"]);
  await expect(createVpss(client, ["sim-fail-start-told"])).rejects.toThrow(/failed/);

  await page.getByRole("link", { name: "History" }).click();
  await expect(page.getByRole("heading", { name: "History" })).toBeVisible();
  await page.getByRole("searchbox", { name: "Name of the VPS or node" }).fill("told");
  await expect(rowsOf(page)).toHaveCount(3);
  await choose(page, "What", "Create VPS");
  await choose(page, "Outcome", "Failed");
  await expect(rowsOf(page)).toHaveCount(2);
  await expect(rowsOf(page).nth(1)).toContainText("sim-fail-start-told");
  await expect(rowsOf(page).nth(1)).toContainText("failed");
  await expect(page).toHaveURL(/kind=vps\.create/);
  await expect(page).toHaveURL(/outcome=failed/);

  await page.reload();
  await expect(rowsOf(page)).toHaveCount(2);
  await page.getByRole("button", { name: "Take away: Failed" }).click();
  await expect(rowsOf(page)).toHaveCount(3);
  await page.getByRole("searchbox", { name: "Name of the VPS or node" }).fill("nobody-has-this");
  await expect(page.getByText("No job fits these filters")).toBeVisible();
  await page.getByRole("button", { name: "Clear the filters" }).click();
  await expect(page).toHaveURL(/\/jobs$/);
  await expect(page.getByRole("searchbox", { name: "Name of the VPS or node" })).toHaveValue("");
  await expect(rowsOf(page).nth(3)).toBeVisible();
});

test("a time of one's own is typed part by part, and emptied, with both fields in place", async ({
  signedIn: page,
  product,
}) => {
  await page.goto(`${product.url}/jobs`);
  await page.getByRole("combobox", { name: "When" }).click();
  await page.getByRole("option", { name: "From … to …" }).click();
  const from = page.getByLabel("From", { exact: true });
  await from.press("Delete"); // one part of it: the whole has no value then
  await expect(from).toHaveValue("");
  await from.pressSequentially("11222025");
  await expect(from).toHaveValue(/^2025-11-22T/);
  await from.press("Enter");
  await expect(page).toHaveURL(/from=2025-11-2/);
  await from.fill("");
  await from.blur();
  await expect(page).toHaveURL(/\/jobs$/);
  await expect(page.getByLabel("To", { exact: true })).toBeVisible();
});

test("a failed job has a page that says why, and its retry is linked both ways", async ({
  signedIn: page,
  product,
}) => {
  const client = await scriptClient(product);
  const { jobId } = await askFor(client, "sim-fail-start-again");
  await expect(jobEnded(client, jobId)).rejects.toThrow(/failed/);

  await page.goto(`${product.url}/jobs?name=sim-fail-start-again`);
  await page.getByRole("link", { name: "Create VPS sim-fail-start-again" }).first().click();
  await expect(page).toHaveURL(new RegExp(`/jobs/${jobId}$`));
  await expect(page.getByRole("status", { name: "State" })).toHaveText("failed");
  await expect(page.getByRole("region", { name: "What went wrong" })).toContainText("did not start");
  const steps = page.getByRole("list", { name: `Steps of job ${jobId}` });
  await expect(steps.getByRole("listitem").filter({ hasText: "taken back" }).first()).toBeVisible();
  const cancel = page.getByRole("main").getByRole("button", { name: "Cancel" });
  await expect(cancel).toHaveAttribute("aria-disabled", "true");

  await page.getByRole("main").getByRole("button", { name: "Retry" }).click();
  await expect(page).not.toHaveURL(new RegExp(`/jobs/${jobId}$`));
  await expect(page.getByRole("status", { name: "State" })).toHaveText("failed");
  await page.getByRole("main").getByRole("link", { name: jobId }).click();
  await expect(page.getByRole("main").getByText("Tried again as")).toBeVisible();
});

test("a job is cancelled from the task panel, and what it did is taken back", async ({ signedIn: page, product }) => {
  const client = await scriptClient(product);
  const { jobId } = await askFor(client, "sim-slow-create-50s"); // longer than a slow machine takes to show it
  const tasks = page.getByRole("region", { name: "Tasks" });
  await tasks.getByRole("button", { name: "Cancel Create VPS sim-slow-create-50s" }).click();
  await page.getByRole("link", { name: "Open Create VPS sim-slow-create-50s" }).click();
  await expect(page.getByRole("status", { name: "State" })).toHaveText("cancelled", { timeout: 60_000 });
  const steps = page.getByRole("list", { name: `Steps of job ${jobId}` });
  await expect(steps.getByText("taken back").first()).toBeVisible();
  expect((await client.vps.list.query({ search: "name:sim-slow-create-50s", limit: 1 })).total).toBe(0);
});

test("a stuck job stands first, says what to do, and is retried from there", async ({ signedIn: page, product }) => {
  const client = await scriptClient(product);
  const [vpsId = ""] = await createVpss(client, ["sim-fail-delete-told"]);
  const { jobId } = await client.vps.delete.mutate({ vpsId });
  await expect(jobEnded(client, jobId)).rejects.toThrow(/stuck/);

  const tasks = page.getByRole("region", { name: "Tasks" });
  await expect(tasks.getByText("Delete VPS sim-fail-delete-told is stuck and waits for you")).toBeVisible();
  const first = tasks.getByRole("listitem").first();
  await expect(first).toContainText("What to do:");
  const endedAt = async () => (await client.jobs.get.query({ jobId })).endedAt;
  const stuckAt = await endedAt();
  await first.getByRole("button", { name: "Retry Delete VPS sim-fail-delete-told" }).click();
  // It fails again, so only a later end shows that it was tried again; there is none while it runs.
  await expect.poll(async () => [null, stuckAt].includes(await endedAt())).toBe(false);
  await first.getByRole("link", { name: "Open Delete VPS sim-fail-delete-told" }).click();
  await expect(page).toHaveURL(new RegExp(`/jobs/${jobId}$`)); // a stuck job goes on under its own id
  await expect(page.getByRole("region", { name: "What went wrong" })).toContainText("What to do:");
});

test("what is filtered is exported as CSV and as JSON", async ({ signedIn: page, product }) => {
  await createVpss(await scriptClient(product), ["exported"]);
  await page.goto(`${product.url}/jobs?name=exported`);
  await expect(rowsOf(page)).toHaveCount(2);
  const save = async (format: RegExp) => {
    await page.getByRole("button", { name: "Export", exact: true }).click();
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("menuitem", { name: format }).click(),
    ]);
    return { name: download.suggestedFilename(), text: await readFile(await download.path(), "utf8") };
  };
  const csv = await save(/^CSV/);
  expect(csv.name).toMatch(/\.csv$/);
  expect(csv.text.trim().split("\r\n")).toHaveLength(2);
  expect(csv.text).toContain("exported");
  const json = await save(/^JSON/);
  expect(json.name).toMatch(/\.json$/);
  expect(z.array(z.looseObject({ vpsName: z.string() })).parse(JSON.parse(json.text))).toMatchObject([
    { vpsName: "exported", state: "succeeded" },
  ]);
});

test("a node and a VPS have their own part of the history", async ({ signedIn: page, product }) => {
  const client = await scriptClient(product);
  const [vpsId = ""] = await createVpss(client, ["partial"]);
  await page.goto(`${product.url}/vps/${vpsId}?tab=history`);
  await expect(rowsOf(page)).toHaveCount(2);
  const { nodeId } = await client.vps.get.query({ vpsId });
  await page.goto(`${product.url}/nodes/${nodeId}?tab=history&name=partial`);
  await expect(rowsOf(page)).toHaveCount(2);
  await rowsOf(page).nth(1).getByRole("link", { name: "Create VPS partial" }).press("Enter");
  await expect(page.getByRole("heading", { name: "Create VPS partial" })).toBeVisible();
});
