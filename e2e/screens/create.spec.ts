/** The create form: every refusal beside its field, nothing typed lost. */
import { expect, type Page } from "@playwright/test";
import { scriptClient } from "../account.ts";
import { simulated as test } from "../fixtures.ts";
import { createVpss } from "../fleet-of.ts";

async function openForm(page: Page) {
  await page.getByRole("link", { name: "Create VPS", exact: true }).click();
  const form = page.getByRole("form", { name: "Create VPS" });
  await expect(form.getByLabel("Address", { exact: true })).not.toHaveValue("");
  return form;
}

for (const name of ["--help", "../x", ";reboot", "a".repeat(64), "Web", "web-"]) {
  test(`the name ${JSON.stringify(name.slice(0, 12))} is refused beside the field and stays typed`, async ({
    signedIn: page,
  }) => {
    const form = await openForm(page);
    await form.getByLabel("Name", { exact: true }).fill(name);
    await form.getByRole("textbox", { name: "Memory", exact: true }).fill("96");
    await form.getByRole("button", { name: "Create VPS" }).click();
    await expect(form.getByText(/must be 1 to 63/i)).toBeVisible();
    await expect(form.getByLabel("Name", { exact: true })).toHaveValue(name);
    await expect(form.getByRole("textbox", { name: "Memory", exact: true })).toHaveValue("96");
  });
}

test("an address outside the network, one that is taken, and too much memory are refused with the reason", async ({
  signedIn: page,
  product,
}) => {
  await createVpss(await scriptClient(product), ["holder"]);
  const form = await openForm(page);
  const suggested = await form.getByLabel("Address", { exact: true }).inputValue();
  await form.getByLabel("Name", { exact: true }).fill("holder");
  await form.getByRole("button", { name: "Create VPS" }).click();
  await expect(form.getByText(/holder/).last()).toBeVisible();
  await expect(page).toHaveURL(/\/vps\/new/);

  await form.getByLabel("Name", { exact: true }).fill("newcomer");
  await form.getByLabel("Address", { exact: true }).fill("192.0.2.1");
  await form.getByRole("button", { name: "Create VPS" }).click();
  await expect(form.getByText(/192\.0\.2\.1/)).toBeVisible();

  await form.getByLabel("Address", { exact: true }).fill(suggested);
  await form.getByRole("textbox", { name: "Memory", exact: true }).fill("4000000");
  await form.getByRole("button", { name: "Create VPS" }).click();
  await expect(form.getByRole("status").filter({ hasText: /GiB|TiB/ })).toBeVisible();
  await expect(page).toHaveURL(/\/vps\/new/);

  await form.getByRole("textbox", { name: "Memory", exact: true }).fill("64");
  await form.getByRole("button", { name: "Create VPS" }).click();
  await expect(page.getByRole("heading", { name: "newcomer" })).toBeVisible();
});
