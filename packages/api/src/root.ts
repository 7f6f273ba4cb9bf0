/** The whole API, a noun a file. The console and the client import only its type. */
import { apiKeysRouter } from "./api-keys.ts";
import { fleetRouter } from "./fleet.ts";
import { jobsRouter } from "./jobs.ts";
import { metricsRouter } from "./metrics.ts";
import { nodesRouter } from "./nodes.ts";
import { sessionRouter, setupRouter } from "./session.ts";
import { templatesRouter } from "./templates.ts";
import { terminalRouter } from "./terminal.ts";
import { router } from "./trpc.ts";
import { vpsRouter } from "./vps.ts";

export const appRouter = router({
  setup: setupRouter,
  session: sessionRouter,
  fleet: fleetRouter,
  nodes: nodesRouter,
  vps: vpsRouter,
  terminal: terminalRouter,
  templates: templatesRouter,
  jobs: jobsRouter,
  metrics: metricsRouter,
  apiKeys: apiKeysRouter,
});
export type AppRouter = typeof appRouter;
