/** Many VPSs at once: chosen by mouse and keyboard, one form or one press, a result for each. */
import { expect, type Page } from "@playwright/test";
import { scriptClient } from "../account.ts";
import { simulated as test } from "../fixtures.ts";
import { createVpss, jobEnded } from "../fleet-of.ts";

const bar = (page: Page) => page.getByRole("region", { name: "Selected VPSs" });
const results = (page: Page) => page.getByRole("table", { name: "Results by VPS" });

async function showOnly(page: Page, prefix: string, count: number): Promise<void> {
  await page.getByRole("main").getByRole("searchbox").fill(`name:${prefix}`);
  await expect(page).toHaveURL(/search=/); // the list follows the URL, and the URL what was typed once that rests
  // The rows of the search before stay until the answer is there: only their number says that it is.
  await expect(page.getByRole("table", { name: "VPSs" }).getByRole("row")).toHaveCount(count + 1);
  await expect(page.getByRole("checkbox", { name: `Select ${prefix}` })).toHaveCount(count);
}

test("a range is chosen with shift, one row with the space bar, all with the box above", async ({
  signedIn: page,
  product,
}) => {
  await createVpss(await scriptClient(product), ["pick-1", "pick-2", "pick-3", "pick-4"]);
  await showOnly(page, "pick-", 4);
  await page.getByRole("checkbox", { name: "Select pick-1" }).click();
  await page.getByRole("checkbox", { name: "Select pick-3" }).click({ modifiers: ["Shift"] });
  await expect(bar(page)).toContainText("3 VPSs selected");
  await page.getByRole("checkbox", { name: "Select pick-4" }).focus();
  await page.keyboard.press("Space");
  await expect(bar(page)).toContainText("4 VPSs selected");
  await page.getByRole("checkbox", { name: "Select all shown" }).click();
  await expect(bar(page)).toBeHidden();
});

test("an action on many has a result for each: its job, or why it was refused", async ({ signedIn: page, product }) => {
  const client = await scriptClient(product);
  const [first = ""] = await createVpss(client, ["halt-1", "halt-2", "halt-3"]);
  await jobEnded(client, (await client.vps.stop.mutate({ vpsId: first })).jobId);
  await showOnly(page, "halt-", 3);
  await page.getByRole("checkbox", { name: "Select all shown" }).click();
  await bar(page).getByRole("button", { name: "Stop" }).click();
  const dialog = page.getByRole("dialog", { name: "Stop 3 VPSs?" });
  await expect(dialog).toContainText("1 VPS of them will be refused as things stand, halt-1 for one");
  await dialog.getByRole("button", { name: "Stop 3 VPSs" }).click();
  await expect(page.getByRole("status", { name: "Results" })).toHaveText("2 succeeded, 1 refused");
  await expect(results(page).getByRole("row", { name: /halt-1/ })).toContainText("only a running VPS can be stopped");
  await expect(results(page).getByRole("link", { name: "Open the job of halt-2" })).toBeVisible();
  await page.getByRole("button", { name: "Close" }).last().click();
  await expect(page.getByRole("row", { name: /halt-3/ })).toContainText("stopped");
});

test("limits of many: only what is touched is sent", async ({ signedIn: page, product }) => {
  const client = await scriptClient(product);
  const ids = await createVpss(client, ["group-1", "group-2", "group-3"]);
  await showOnly(page, "group-", 3);
  await page.getByRole("checkbox", { name: "Select all shown" }).click();
  await bar(page).getByRole("button", { name: "Change limits" }).click();
  const dialog = page.getByRole("dialog", { name: "Change limits of 3 VPSs" });
  await expect(dialog.getByText(/Memory differs: 64 MiB to 256 MiB/)).toBeVisible();
  await expect(dialog.getByRole("textbox", { name: "Memory", exact: true })).toHaveValue("");
  await dialog.getByRole("textbox", { name: "Processes", exact: true }).fill("300");
  await dialog.getByRole("button", { name: "Apply to 3 VPSs" }).click();
  await expect(page.getByRole("status", { name: "Results" })).toHaveText("3 succeeded");
  const limits = await Promise.all(ids.map(async (vpsId) => (await client.vps.get.query({ vpsId })).spec.limits));
  expect(limits.map((each) => each["pids.max"])).toEqual([300, 300, 300]);
  expect(limits.map((each) => each["memory.max"] / 1024 ** 2)).toEqual([64, 128, 256]);
});

test("many are deleted once their number has been typed", async ({ signedIn: page, product }) => {
  await createVpss(await scriptClient(product), ["away-1", "away-2"]);
  await showOnly(page, "away-", 2);
  await page.getByRole("checkbox", { name: "Select all shown" }).click();
  await bar(page).getByRole("button", { name: "Delete" }).click();
  const dialog = page.getByRole("dialog", { name: "Delete 2 VPSs?" });
  const confirm = dialog.getByRole("button", { name: "Delete 2 VPSs" });
  await expect(confirm).toHaveAttribute("aria-disabled", "true");
  await dialog.getByLabel("Type 2 to confirm").fill("2");
  await confirm.click();
  await expect(page.getByRole("status", { name: "Results" })).toHaveText("2 succeeded");
  await page.getByRole("button", { name: "Close" }).last().click();
  await expect(page.getByText("Nothing matches")).toBeVisible();
});
