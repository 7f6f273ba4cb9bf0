/** Limits through the browser on this host's real engine: what the page says was done, the host's own files and queues say too. */
import { expect, type Page } from "@playwright/test";
import { scriptClient } from "../account.ts";
import { realSignedIn as test } from "../fixtures.ts";
import { createVpss } from "../fleet-of.ts";
import { cgroupValue, NO_TRACES, ratesOf, tracesOf } from "../host.ts";

const MIB = 1024 ** 2;
const fieldOf = (page: Page, title: string) => page.getByRole("textbox", { name: title, exact: true });

/** The limits as the kernel holds them, by this host's own files. */
async function kernelOf(vpsId: string) {
  const [memory, pids, quota] = await Promise.all([
    cgroupValue(vpsId, "memory.max", "memory.limit_in_bytes"),
    cgroupValue(vpsId, "pids.max"),
    cgroupValue(vpsId, "cpu.max", "cpu.cfs_quota_us"),
  ]);
  return { memoryMib: Number(memory) / MIB, pids: Number(pids), quotaUs: Number(quota.split(" ")[0]) };
}

/** Asks the VPS for its page until told to stop; how often it answered, and how often not. */
function askedMeanwhile(address: string) {
  const asked = { answered: 0, failed: 0 };
  let going = true;
  const loop = (async () => {
    while (going) {
      const good = await fetch(`http://${address}/`, { signal: AbortSignal.timeout(2_000) }).then(
        async (answer) => answer.ok && (await answer.text()).length > 0,
        () => false,
      );
      asked[good ? "answered" : "failed"] += 1;
    }
  })();
  return async () => {
    going = false;
    await loop;
    return asked;
  };
}

test("limits change while the VPS runs, in the kernel as on the page, and it answers all the while", async ({
  signedIn: page,
  product,
}) => {
  const client = await scriptClient(product);
  const [vpsId = ""] = await createVpss(client, ["limited"]);
  const { spec } = await client.vps.get.query({ vpsId });
  expect(await kernelOf(vpsId)).toEqual({ memoryMib: 64, pids: 256, quotaUs: 100_000 });

  await page.goto(`${product.url}/vps/${vpsId}?tab=resources`);
  await fieldOf(page, "CPU cores").fill("0.5");
  await fieldOf(page, "Memory").fill("192");
  await fieldOf(page, "Processes").fill("99");
  await page.getByRole("checkbox", { name: "No limit: Incoming bandwidth" }).uncheck();
  await fieldOf(page, "Incoming bandwidth").fill("20");
  const stop = askedMeanwhile(spec.address);
  await page.getByRole("button", { name: "Apply 4 changes" }).click();
  await expect(page.getByRole("status", { name: "Outcome" })).toContainText("succeeded");
  const { answered, failed } = await stop();
  expect(failed).toBe(0);
  expect(answered).toBeGreaterThan(0);
  expect(await kernelOf(vpsId)).toEqual({ memoryMib: 192, pids: 99, quotaUs: 50_000 });
  expect(Object.values(await ratesOf(vpsId))).toContain(20_000_000);

  await page.getByRole("button", { name: "Set Memory back to 64 MiB" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Set back" }).click();
  await expect(fieldOf(page, "Memory")).toHaveValue("64");
  await expect.poll(() => kernelOf(vpsId)).toMatchObject({ memoryMib: 64, pids: 99 });
});

test("more than the node has is refused with figures, and the kernel keeps what it holds", async ({
  signedIn: page,
  product,
}) => {
  const [vpsId = ""] = await createVpss(await scriptClient(product), ["refused"]);
  await page.goto(`${product.url}/vps/${vpsId}?tab=resources`);
  await fieldOf(page, "Memory").fill("4,000");
  await page.getByRole("combobox", { name: "Unit of Memory" }).selectOption("GiB");
  await expect(page.getByRole("region", { name: "Memory" }).getByRole("status")).toContainText(/GiB/);
  await expect(page.getByRole("button", { name: "Apply" })).toHaveAttribute("aria-disabled", "true");
  expect(await kernelOf(vpsId)).toMatchObject({ memoryMib: 64 });
});

test("three are changed by one form and deleted by one press, each in the kernel, and nothing is left", async ({
  signedIn: page,
  product,
}) => {
  const ids = await createVpss(await scriptClient(product), ["many-1", "many-2", "many-3"]);
  await page.goto(`${product.url}/?search=name%3Amany-`);
  await expect(page.getByRole("table", { name: "VPSs" }).getByRole("row")).toHaveCount(4);
  await expect(page.getByRole("checkbox", { name: "Select many-" })).toHaveCount(3);
  await page.getByRole("checkbox", { name: "Select all shown" }).click();
  await page.getByRole("button", { name: "Change limits" }).click();
  const dialog = page.getByRole("dialog", { name: "Change limits of 3 VPSs" });
  await dialog.getByRole("textbox", { name: "Processes", exact: true }).fill("77");
  await dialog.getByRole("button", { name: "Apply to 3 VPSs" }).click();
  await expect(page.getByRole("status", { name: "Results" })).toHaveText("3 succeeded");
  const held = await Promise.all(ids.map(kernelOf));
  expect(held.map(({ pids, memoryMib }) => ({ pids, memoryMib }))).toEqual([
    { pids: 77, memoryMib: 64 },
    { pids: 77, memoryMib: 128 },
    { pids: 77, memoryMib: 256 },
  ]);

  await page.getByRole("button", { name: "Close" }).last().click();
  await page.getByRole("region", { name: "Selected VPSs" }).getByRole("button", { name: "Delete" }).click();
  const asked = page.getByRole("dialog", { name: "Delete 3 VPSs?" });
  await asked.getByLabel("Type 3 to confirm").fill("3");
  await asked.getByRole("button", { name: "Delete 3 VPSs" }).click();
  // Each is told to shut down first, and is given its time for that.
  await expect(page.getByRole("status", { name: "Results" })).toHaveText("3 succeeded", { timeout: 60_000 });
  for (const vpsId of ids) expect(await tracesOf(vpsId, product.dataDir)).toEqual(NO_TRACES);
});
