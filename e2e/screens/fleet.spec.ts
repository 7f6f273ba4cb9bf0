/** The fleet page: tree, table, search, sorting, labels of simulated nodes; who may see it at all. */
import { expect } from "@playwright/test";
import { ADMINISTRATOR, scriptClient } from "../account.ts";
import { SIMULATED_NODES, signIn, simulated as test } from "../fixtures.ts";
import { createVpss } from "../fleet-of.ts";

test("simulated nodes are labelled so in the tree", async ({ signedIn: page }) => {
  const tree = page.getByRole("tree", { name: "Fleet" });
  await expect(tree.getByText("simulated").first()).toBeVisible();
  await expect(page.getByText(`on ${SIMULATED_NODES} nodes`)).toBeVisible();
});

test("VPSs can be searched, sorted and opened, with the label simulated on each", async ({
  signedIn: page,
  product,
}) => {
  await createVpss(await scriptClient(product), ["fleet-alpha", "fleet-bravo", "fleet-charlie"]);
  const search = page.getByRole("main").getByRole("searchbox");
  const table = page.getByRole("table", { name: "VPSs" });
  const names = table.getByRole("link", { name: /^fleet-/ });
  await search.fill("name:fleet-");
  await expect(names).toHaveText(["fleet-alpha", "fleet-bravo", "fleet-charlie"]);
  await expect(table.getByText("simulated")).toHaveCount(3);
  await table.getByRole("button", { name: "Name" }).click();
  await expect(names).toHaveText(["fleet-charlie", "fleet-bravo", "fleet-alpha"]);

  await search.fill("name:fleet-bravo");
  await expect(names).toHaveText(["fleet-bravo"]);
  await search.fill("name:nothing-like-it");
  await expect(page.getByText("Nothing matches")).toBeVisible();

  await search.fill("name:fleet-bravo");
  await page.getByRole("button", { name: "Actions for fleet-bravo" }).click();
  const start = page.getByRole("menuitem", { name: /^Start/ });
  await expect(start).toHaveAttribute("aria-disabled", "true");
  await expect(start).toContainText("only a stopped VPS can be started");
  await page.keyboard.press("Escape");

  await names.first().click();
  await expect(page.getByRole("heading", { name: "fleet-bravo" })).toBeVisible();
});

test("who is not signed in is sent to the sign-in page", async ({ page, product }) => {
  await page.goto(`${product.url}/account`);
  await expect(page).toHaveURL(/\/sign-in/);
});

test("a wrong password is refused without saying which part was wrong; the right one leads in", async ({
  page,
  product,
}) => {
  await page.goto(`${product.url}/sign-in`);
  await page.getByLabel("E-mail").fill(ADMINISTRATOR.email);
  await page.getByLabel("Password", { exact: true }).fill("not the password");
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("alert").filter({ hasText: /./ })).toBeVisible();
  await expect(page.getByLabel("E-mail")).toHaveValue(ADMINISTRATOR.email);
  await signIn(page, product);
});
