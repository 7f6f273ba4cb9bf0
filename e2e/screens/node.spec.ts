/** The page of a node: its policy, what it can do, and its removal; and how another one is added. */
import { expect } from "@playwright/test";
import { scriptClient } from "../account.ts";
import { simulated as test } from "../fixtures.ts";
import { heardNodes, jobEnded } from "../fleet-of.ts";

test("a policy of over-commit is saved, and a ratio that makes no sense is refused beside its field", async ({
  signedIn: page,
  product,
}) => {
  const client = await scriptClient(product);
  const node = (await heardNodes(client)).at(-2);
  if (node === undefined) throw new Error("too few nodes have joined");
  await page.goto(`${product.url}/nodes/${node.id}?tab=policy`);
  const memory = page.getByRole("group", { name: "Memory" });
  const save = page.getByRole("button", { name: "Save policy" });
  await expect(save).toHaveAttribute("aria-disabled", "true");

  await memory.getByRole("switch", { name: "Memory beyond what it has" }).click();
  const ratio = memory.getByRole("textbox", { name: "Memory: ratio" });
  await ratio.fill("100");
  await save.click();
  await expect(memory.getByText("must be at most 64")).toBeVisible();
  await ratio.fill("2");
  await expect(memory.getByText(/the node has/)).toBeVisible();
  await save.click();
  await expect(save).toHaveAttribute("aria-disabled", "true");
  expect((await client.nodes.get.query({ nodeId: node.id })).overcommit.memory).toBe(2);

  await page.reload();
  await expect(ratio).toHaveValue(/2/);
});

test("what a node can do is told for every limit, with what was found", async ({ signedIn: page, product }) => {
  const [node] = await heardNodes(await scriptClient(product));
  await page.goto(`${product.url}/nodes/${node?.id}?tab=capabilities`);
  const limits = page.getByRole("table", { name: "Limits" });
  await expect(limits.getByRole("row").filter({ hasText: "Incoming bandwidth" })).toContainText(/yes|no/);
});

test("a node is added with a command that names the address to join at", async ({ signedIn: page }) => {
  await page.getByRole("button", { name: "Add node" }).click();
  const dialog = page.getByRole("dialog", { name: "Add node" });
  await dialog.getByRole("button", { name: "Create token" }).click();
  await expect(dialog.getByText(/MUSTER_ENROL_URL=https:\/\/[^ ]+:\d+ MUSTER_ENROL_TOKEN=muster1\./)).toBeVisible();
});

test("a node that has a VPS is removed only by its name; it leaves the tree, its history stays", async ({
  signedIn: page,
  product,
}) => {
  const client = await scriptClient(product);
  const node = (await heardNodes(client)).at(-1);
  if (node === undefined) throw new Error("no node has joined");
  const { address } = await client.vps.suggestAddress.query({ nodeId: node.id });
  const spec = { name: "left-behind", template: "busybox", address: address ?? "", limits: {} };
  const { jobId } = await client.vps.create.mutate({ nodeId: node.id, spec });
  await jobEnded(client, jobId);

  await page.goto(`${product.url}/nodes/${node.id}`);
  await page.getByRole("button", { name: "Remove node" }).click();
  const dialog = page.getByRole("dialog", { name: `Remove ${node.name}?` });
  await expect(dialog).toContainText("forgotten, not stopped");
  const remove = dialog.getByRole("button", { name: "Remove node" });
  await expect(remove).toHaveAttribute("aria-disabled", "true");
  await dialog.getByRole("textbox").fill(node.name);
  await remove.click();

  await expect(page.getByRole("heading", { name: `Remove node ${node.name}` })).toBeVisible();
  await expect(page.getByRole("status", { name: "State" })).toHaveText("succeeded");
  await expect(page.getByText(`${node.name} (no longer in the fleet)`)).toBeVisible();
  await page.goto(`${product.url}/jobs?name=left-behind`);
  await expect(page.getByRole("link", { name: "Create VPS left-behind", exact: true })).toBeVisible();
  const { items } = await client.nodes.list.query();
  expect(items.map(({ id }) => id)).not.toContain(node.id);
});
