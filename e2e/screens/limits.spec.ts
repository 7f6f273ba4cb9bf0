/** The limits of a VPS: changed together with the node's headroom in sight, refused at their field, for a time, and set back. */
import { expect, type Page } from "@playwright/test";
import { scriptClient } from "../account.ts";
import { simulated as test } from "../fixtures.ts";
import { createVpss } from "../fleet-of.ts";
import type { Product } from "../product.ts";

/** 1 core and 64 MiB, as createVpss makes the first of its row. */
async function resourcesOf(page: Page, product: Product, name: string): Promise<string> {
  const [vpsId = ""] = await createVpss(await scriptClient(product), [name]);
  await page.goto(`${product.url}/vps/${vpsId}?tab=resources`);
  await expect(fieldOf(page, "Memory")).toBeEnabled();
  return vpsId;
}

const fieldOf = (page: Page, title: string) => page.getByRole("textbox", { name: title, exact: true });
const apply = (page: Page) => page.getByRole("button", { name: /^Apply/ });
const outcome = (page: Page) => page.getByRole("status", { name: "Outcome" });
const history = (page: Page) => page.getByRole("table", { name: "Allocation history" });

test("limits change together, with the node's headroom beside them, and each can be set back", async ({
  signedIn: page,
  product,
}) => {
  const vpsId = await resourcesOf(page, product, "resized");
  await expect(apply(page)).toHaveAttribute("aria-disabled", "true");
  await fieldOf(page, "Memory").fill("192");
  await fieldOf(page, "CPU cores").fill("2");
  await expect(page.getByRole("list", { name: "Changes" })).toContainText("Memory 64 MiB → 192 MiB");
  await expect(page.getByRole("complementary", { name: "Apply the changes" })).toContainText(
    /→.* of .*left to promise/,
  );
  await apply(page).click();
  await expect(outcome(page)).toContainText("succeeded");
  const client = await scriptClient(product);
  expect((await client.vps.get.query({ vpsId })).spec.limits).toMatchObject({
    "cpu.cores": 2,
    "memory.max": 192 * 1024 ** 2,
  });

  await expect(history(page).getByRole("row")).toHaveCount(4); // head, two changes, creation
  await expect(page.getByRole("figure", { name: /over time$/ })).toContainText("Limit");
  await page.getByRole("button", { name: "Set Memory back to 64 MiB" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Set back" }).click();
  await expect(history(page).getByRole("row")).toHaveCount(5);
  await expect(fieldOf(page, "Memory")).toHaveValue("64");
  await expect(page.getByRole("button", { name: "Set Memory back to 64 MiB" }).first()).toHaveAttribute(
    "aria-disabled",
    "true",
  );
});

test("what the node does not have is refused with figures before it is asked for, and stays typed", async ({
  signedIn: page,
  product,
}) => {
  await resourcesOf(page, product, "too-big");
  await fieldOf(page, "Memory").fill("4,000");
  await page.getByRole("combobox", { name: "Unit of Memory" }).selectOption("GiB");
  const memory = page.getByRole("region", { name: "Memory" });
  await expect(memory.getByRole("status")).toContainText(/GiB|TiB/);
  await expect(apply(page)).toHaveAttribute("aria-disabled", "true");
  await expect(fieldOf(page, "Memory")).toHaveValue("4,000");
  await page.getByRole("button", { name: "Leave Memory as it is" }).click();
  await expect(fieldOf(page, "Memory")).toHaveValue("64");
});

test("nonsense is told beside its field, and what the node cannot do is out of reach with its reason", async ({
  signedIn: page,
  product,
}) => {
  await resourcesOf(page, product, "typed");
  await page.getByRole("checkbox", { name: "All CPUs: CPU pinning" }).uncheck();
  await fieldOf(page, "CPU pinning").fill("3-1");
  await expect(page.getByText("Must be a list of CPUs, such as 0-2,5.")).toBeVisible();
  await expect(apply(page)).toHaveAttribute("aria-disabled", "true");
  await expect(fieldOf(page, "Swap")).toBeDisabled();
  await expect(page.getByText(/has no swap/)).toBeVisible();
});

test("a change for a time says when and what it goes back to, and can be kept from it; Enter applies", async ({
  signedIn: page,
  product,
}) => {
  await resourcesOf(page, product, "for-a-while");
  await fieldOf(page, "Processes").fill("300");
  await page.getByText("Until a time").click();
  await page.getByRole("button", { name: "Monday 06:00" }).click();
  await expect(page.getByText(/Until Monday .* at 06:00 \(.* from now\), then back to Processes 256\./)).toBeVisible();
  await fieldOf(page, "Processes").press("Enter");
  await expect(outcome(page)).toContainText("succeeded");
  const timed = page.getByRole("table", { name: "Timed changes" });
  await expect(timed).toContainText("Processes 256");
  await expect(timed).toContainText("pending");
  await timed.getByRole("button", { name: "Cancel the return to Processes 256" }).click();
  await expect(timed).toContainText("cancelled");
  await expect(fieldOf(page, "Processes")).toHaveValue("300");
});

test("a VPS gets another name, and one that is taken is refused beside the field", async ({
  signedIn: page,
  product,
}) => {
  await createVpss(await scriptClient(product), ["name-taken"]);
  await resourcesOf(page, product, "name-before");
  await page.getByRole("button", { name: "Rename" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("New name").fill("name-taken");
  await dialog.getByRole("button", { name: "Rename" }).click();
  await expect(dialog.getByText(/name-taken/)).toBeVisible();
  await dialog.getByLabel("New name").fill("name-after");
  await dialog.getByRole("button", { name: "Rename" }).click();
  await expect(page.getByRole("heading", { name: "name-after" })).toBeVisible();
});
