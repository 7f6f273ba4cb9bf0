/** What was written down is done: through a restart of the server, its sudden death, and a database that goes away. */
import { fork } from "node:child_process";
import { once } from "node:events";
import { afterEach, expect, test } from "vitest";
import { type CuttableProxy, cuttableProxy } from "../testing/cuttable-proxy.ts";
import { writeDownTemplateImport } from "../testing/database-access.ts";
import { ACTOR, createTestFleet, ended, eventually, spec, type TestFleet } from "../testing/test-fleet.ts";

let control: TestFleet;
let proxy: CuttableProxy | undefined;
afterEach(async () => {
  await control.close();
  await proxy?.close();
  proxy = undefined;
});

const statesOf = async (jobId: string) =>
  (await control.fleet.jobs.get(jobId)).steps.map(({ name, state }) => `${name} ${state}`);

test("a server that is stopped in the middle of a step does it again when it is started", async () => {
  control = await createTestFleet();
  const { nodeId, agent } = await control.addNode("alpha");
  agent.before.set("createVps", () => new Promise(() => {})); // hangs as long as this server lives
  const { jobId, vpsId } = await control.fleet.vps.create({ nodeId, spec: spec(), start: true, actor: ACTOR });
  await eventually(async () => agent.calls.length === 1 && (await statesOf(jobId)).includes("prepare running"));
  agent.before.clear();
  await control.restart();
  expect((await ended(control.fleet, jobId)).state).toBe("succeeded");
  expect((await control.fleet.vps.get(vpsId)).state).not.toBe("creating");
  expect(agent.calls.filter((call) => call === `createVps ${vpsId}`)).toHaveLength(2);
});

test("a server that is killed leaves a job that ends by itself after the next start", async () => {
  control = await createTestFleet();
  const { nodeId, agent } = await control.addNode("alpha");
  await control.fleet.close();
  const child = fork(new URL("../testing/doomed-server.ts", import.meta.url), [], {
    env: { ...process.env, DOOMED_DATABASE_URL: control.url, DOOMED_NODE_ID: nodeId },
    execArgv: [],
  });
  const exited = once(child, "exit");
  const [told] = await once(child, "message");
  child.kill("SIGKILL");
  await exited;
  const { jobId, vpsId } = told;
  await control.restart();
  expect((await ended(control.fleet, jobId)).state).toBe("succeeded");
  await eventually(async () => (await control.fleet.vps.get(vpsId)).state === "running");
  expect(agent.calls).toEqual([`createVps ${vpsId}`, `startVps ${vpsId}`]);
});

test("a job that was written down and never begun is begun without being asked for again", async () => {
  control = await createTestFleet();
  const { nodeId } = await control.addNode("alpha");
  const { jobId } = await writeDownTemplateImport(control.url, nodeId);
  expect((await ended(control.fleet, jobId)).state).toBe("succeeded");
});

test("a database that goes away in mid-job: calls say so, the job goes on when it is back", async () => {
  control = await createTestFleet({}, async (url) => {
    proxy = await cuttableProxy(url);
    return proxy.url;
  });
  const { nodeId, agent } = await control.addNode("alpha");
  const gate = Promise.withResolvers<void>();
  agent.before.set("createVps", () => gate.promise);
  const { jobId, vpsId } = await control.fleet.vps.create({ nodeId, spec: spec(), start: true, actor: ACTOR });
  await eventually(() => agent.calls.length === 1);
  await proxy?.cut();
  gate.resolve();
  await expect(control.fleet.nodes.list()).rejects.toMatchObject({ code: "database_unavailable" });
  await expect(
    control.fleet.vps.create({ nodeId, spec: spec({ name: "web-2" }), start: true, actor: ACTOR }),
  ).rejects.toMatchObject({
    code: "database_unavailable",
  });
  expect(await control.fleet.health()).toEqual({ database: "unavailable", nodes: { total: 0, healthy: 0 } });
  await proxy?.mend();
  await eventually(async () => (await control.fleet.health()).database === "available");
  expect((await ended(control.fleet, jobId, 30_000)).state).toBe("succeeded");
  await eventually(async () => (await control.fleet.vps.get(vpsId)).state === "running");
  expect(agent.calls.filter((call) => call.startsWith("createVps"))).toHaveLength(1);
});
