/** The page of a VPS: actions by state, its jobs, its charts, its terminal; the task panel across a reload. */
import { expect } from "@playwright/test";
import { scriptClient } from "../account.ts";
import { simulated as test } from "../fixtures.ts";
import { createVpss } from "../fleet-of.ts";

test("stop, start, restart and delete follow the state, and each is a task with its steps", async ({
  signedIn: page,
  product,
}) => {
  const [vpsId = ""] = await createVpss(await scriptClient(product), ["lifecycle"]);
  await page.goto(`${product.url}/vps/${vpsId}`);
  const state = page.getByRole("status", { name: "State" });
  await expect(state).toHaveText("running");
  await expect(page.getByRole("button", { name: "Start", exact: true })).toHaveAttribute("aria-disabled", "true");

  await page.getByRole("button", { name: "Stop", exact: true }).click();
  await expect(state).toHaveText("stopped");
  await page.getByRole("button", { name: "Start", exact: true }).click();
  await expect(state).toHaveText("running");
  await page.getByRole("button", { name: "Restart", exact: true }).click();
  await expect(page.getByRole("region", { name: "Tasks" }).getByText("Restart VPS lifecycle").first()).toBeVisible();
  await expect(state).toHaveText("running");

  await page.reload();
  const tasks = page.getByRole("region", { name: "Tasks" });
  await expect(tasks.getByText("Restart VPS lifecycle").first()).toBeVisible();

  await page.getByRole("button", { name: "Delete", exact: true }).click();
  const dialog = page.getByRole("dialog");
  const confirm = dialog.getByRole("button", { name: "Delete VPS" });
  await expect(confirm).toHaveAttribute("aria-disabled", "true");
  await dialog.getByRole("textbox").fill("lifecycle");
  await confirm.click();
  await expect(page.getByText("This VPS is gone")).toBeVisible();
});

test("a failed start leaves a failed job whose step says why", async ({ signedIn: page, product }) => {
  const client = await scriptClient(product);
  await expect(createVpss(client, ["sim-fail-start"])).rejects.toThrow(/failed/);
  await page.goto(`${product.url}/jobs`);
  await expect(page.getByText("Create VPS sim-fail-start").first()).toBeVisible();
  await expect(page.getByText("failed").first()).toBeVisible();
});

test("charts draw the VPS's traffic and CPU and say the latest in words", async ({ signedIn: page, product }) => {
  const [vpsId = ""] = await createVpss(await scriptClient(product), ["charted"]);
  await page.goto(`${product.url}/vps/${vpsId}`);
  await expect(page.getByRole("figure", { name: "NIC throughput" })).toContainText(/bit\/s/);
  await expect(page.getByRole("figure", { name: "CPU" })).toContainText(/core/);
});

test("a terminal opens in the VPS", async ({ signedIn: page, product }) => {
  const [vpsId = ""] = await createVpss(await scriptClient(product), ["terminal"]);
  await page.goto(`${product.url}/vps/${vpsId}?tab=terminal`);
  await expect(page.getByRole("region", { name: "Terminal" }).getByText(/Connected/)).toBeVisible();
});
