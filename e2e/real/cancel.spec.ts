/** A create that is cancelled in the browser before its point of no return: this host's own tools find nothing of it. */
import { readdir, readFile } from "node:fs/promises";
import { expect } from "@playwright/test";
import { scriptClient } from "../account.ts";
import { realSignedIn as test } from "../fixtures.ts";
import { heardNodes } from "../fleet-of.ts";
import { NO_TRACES, tracesOf } from "../host.ts";

const NAME = "never-mind";

async function agentPid(dataDir: string): Promise<number> {
  for (const pid of (await readdir("/proc")).filter((name) => /^[0-9]+$/.test(name))) {
    const [command = "", environment = ""] = await Promise.all(
      ["cmdline", "environ"].map((file) => readFile(`/proc/${pid}/${file}`, "utf8").catch(() => "")), // gone meanwhile
    );
    if (command.includes("apps/agent/src/main.ts") && environment.includes(`MUSTER_DATA_DIR=${dataDir}\0`))
      return Number(pid);
  }
  throw new Error("the agent's process was not found");
}

test("a create is cancelled while its node is at work on it, and nothing of it is left on the host", async ({
  signedIn: page,
  product,
}) => {
  const client = await scriptClient(product);
  const [node] = await heardNodes(client);
  if (node === undefined) throw new Error("no node has joined");
  const { address } = await client.vps.suggestAddress.query({ nodeId: node.id });
  if (address === null) throw new Error("the node's network is full");
  const agent = await agentPid(product.dataDir);
  process.kill(agent, "SIGSTOP"); // the node hangs: a person has all the time in the world to change their mind
  const { jobId, vpsId } = await client.vps.create
    .mutate({ nodeId: node.id, spec: { name: NAME, template: "busybox", address, limits: {} } })
    .catch((error: unknown) => {
      process.kill(agent, "SIGCONT");
      throw error;
    });
  try {
    await test.step("cancel it in the task panel", async () => {
      const tasks = page.getByRole("region", { name: "Tasks" });
      await tasks.getByRole("button", { name: `Cancel Create VPS ${NAME}` }).click();
      await expect.poll(async () => (await client.jobs.get.query({ jobId })).cancelRequested).toBe(true);
    });
  } finally {
    process.kill(agent, "SIGCONT");
  }

  await test.step("its page says that it was cancelled, and what was taken back", async () => {
    await page.goto(`${product.url}/jobs/${jobId}`);
    await expect(page.getByRole("status", { name: "State" })).toHaveText("cancelled", { timeout: 60_000 });
    await expect(
      page
        .getByRole("list", { name: `Steps of job ${jobId}` })
        .getByText("taken back")
        .first(),
    ).toBeVisible();
  });

  await test.step("nothing of it is on the host, its name and address are free", async () => {
    expect(await tracesOf(vpsId, product.dataDir)).toEqual(NO_TRACES);
    expect((await client.vps.list.query({ search: `name:${NAME}`, limit: 1 })).total).toBe(0);
    expect((await client.vps.suggestAddress.query({ nodeId: node.id })).address).toBe(address);
  });
});
