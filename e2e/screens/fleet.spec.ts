/** The fleet page: tree, table, search, sorting, labels of simulated nodes, the empty fleet. */
import { expect } from "@playwright/test";
import { scriptClient } from "../account.ts";
import { SIMULATED_NODES, simulated as test } from "../fixtures.ts";
import { createVpss } from "../fleet-of.ts";

test("an empty fleet says so, and its nodes are labelled simulated", async ({ signedIn: page }) => {
  await expect(page.getByText("No VPS yet")).toBeVisible();
  const tree = page.getByRole("tree", { name: "Fleet" });
  await expect(tree.getByText("simulated").first()).toBeVisible();
  await expect(page.getByText(`on ${SIMULATED_NODES} nodes`)).toBeVisible();
});

test("VPSs can be searched, sorted and opened, with the label simulated on each", async ({
  signedIn: page,
  product,
}) => {
  await createVpss(await scriptClient(product), ["alpha", "bravo", "charlie"]);
  await page.reload();
  const table = page.getByRole("table", { name: "VPSs" });
  await expect(table.getByRole("row")).toHaveCount(4);
  await expect(table.getByText("simulated")).toHaveCount(3);

  await page.getByRole("searchbox").fill("name:bravo");
  await expect(table.getByRole("row")).toHaveCount(2);
  await page.getByRole("searchbox").fill("name:nothing-like-it");
  await expect(page.getByText("Nothing matches")).toBeVisible();
  await page.getByRole("searchbox").fill("");

  const names = table.getByRole("link", { name: /^(alpha|bravo|charlie)$/ });
  await expect(names).toHaveText(["alpha", "bravo", "charlie"]);
  await table.getByRole("button", { name: "Name" }).click();
  await expect(names).toHaveText(["charlie", "bravo", "alpha"]);

  await names.first().click();
  await expect(page.getByRole("heading", { name: "charlie" })).toBeVisible();
});

test("a row's menu says why an action cannot be taken", async ({ signedIn: page }) => {
  await page.getByRole("button", { name: "Actions for alpha" }).click();
  const start = page.getByRole("menuitem", { name: /^Start/ });
  await expect(start).toHaveAttribute("aria-disabled", "true");
  await expect(start).toContainText("only a stopped VPS can be started");
});

test("who is not signed in is sent to the sign-in page and back", async ({ page, product }) => {
  await page.goto(`${product.url}/account`);
  await expect(page).toHaveURL(/\/sign-in/);
});

test("a wrong password is refused without saying which part was wrong", async ({ page, product }) => {
  await page.goto(`${product.url}/sign-in`);
  await page.getByLabel("E-mail").fill("ada@example.test");
  await page.getByLabel("Password", { exact: true }).fill("not the password");
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("alert").filter({ hasText: /./ })).toBeVisible();
  await expect(page.getByLabel("E-mail")).toHaveValue("ada@example.test");
});
