/** The history screen over what was really done on this host: every job of a VPS's life, narrowed, opened, exported. */
import { readFile } from "node:fs/promises";
import { expect, type Page } from "@playwright/test";
import { scriptClient } from "../account.ts";
import { realSignedIn as test } from "../fixtures.ts";
import { createVpss, jobEnded } from "../fleet-of.ts";
import { NO_TRACES, tracesOf } from "../host.ts";

const NAME = "remembered";
const rowsOf = (page: Page) => page.getByRole("table", { name: "Jobs" }).getByRole("row");

async function exported(page: Page, format: RegExp): Promise<string> {
  await page.getByRole("button", { name: "Export", exact: true }).click();
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("menuitem", { name: format }).click(),
  ]);
  return await readFile(await download.path(), "utf8");
}

test("a VPS that is gone from the host is in the history with all that was done to it", async ({
  signedIn: page,
  product,
}) => {
  const client = await scriptClient(product);
  const [vpsId = ""] = await createVpss(client, [NAME]);
  for (const act of ["restart", "stop", "delete"] as const)
    await jobEnded(client, (await client.vps[act].mutate({ vpsId })).jobId);
  expect(await tracesOf(vpsId, product.dataDir)).toEqual(NO_TRACES);

  await test.step("every job of it, newest first", async () => {
    await page.goto(`${product.url}/jobs?name=${NAME}`);
    await expect(rowsOf(page)).toHaveCount(5); // and the header
    for (const [index, what] of ["Delete", "Stop", "Restart", "Create"].entries()) {
      await expect(rowsOf(page).nth(index + 1)).toContainText(what);
      await expect(rowsOf(page).nth(index + 1)).toContainText("succeeded");
    }
  });

  await test.step("narrowed to one kind, and opened", async () => {
    await page.getByRole("button", { name: "What", exact: true }).click();
    await page.getByRole("checkbox", { name: "Restart VPS", exact: true }).check();
    await page.keyboard.press("Escape");
    await expect(rowsOf(page)).toHaveCount(2);
    await page
      .getByRole("link", { name: `Restart VPS ${NAME}` })
      .first()
      .click();
    await expect(page.getByRole("status", { name: "State" })).toHaveText("succeeded");
    await expect(page.getByText("Stop it in order, then by force")).toBeVisible();
  });

  await test.step("exported: each step with its outcome", async () => {
    await page.goto(`${product.url}/jobs?name=${NAME}`);
    await expect(rowsOf(page)).toHaveCount(5);
    const csv = await exported(page, /CSV/);
    expect(csv.trim().split("\n")).toHaveLength(5);
    expect(csv).toContain("vps.restart");
    const json = await exported(page, /JSON/);
    expect(json).toContain(vpsId);
    expect(json).toContain('"prepare"');
  });
});
