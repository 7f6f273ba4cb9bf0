/**
 * Lends one throw-away PostgreSQL to all the test processes of a run (vitest starts one a file). The lease is an
 * open connection to an abstract Unix socket: the kernel ends it with the process that holds it, however
 * that ended, and gives the name to one keeper only, so neither stale files nor two servers can come about.
 * Without a tenant for a while, the keeper stops the server, removes its data and ends.
 */
import { rmSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { KEEPER_SOCKET } from "./lease.ts";
import { startTestPostgres } from "./postgres.ts";

const IDLE_MS = 15_000;
const directory = `${tmpdir()}/muster-test-postgres-${process.getuid?.() ?? 0}`;

const tenants = new Set<Socket>();
let idleSinceMs = performance.now();

const door = createServer((tenant) => {
  tenants.add(tenant);
  tenant.on("error", () => tenant.destroy()); // a tenant that was killed
  tenant.on("close", () => {
    tenants.delete(tenant);
    idleSinceMs = performance.now();
  });
  void server.then(({ url }) => tenant.write(`${url}\n`));
});

// Another keeper was quicker: it serves.
door.on("error", () => process.exit(0));
const listening = new Promise<void>((resolve) => door.listen(KEEPER_SOCKET, resolve));

const server = listening.then(() => {
  rmSync(directory, { recursive: true, force: true }); // of a keeper that was killed
  return startTestPostgres(directory);
});
server.catch(() => process.exit(1));

const { stop } = await server;
setInterval(async () => {
  if (tenants.size > 0 || performance.now() - idleSinceMs < IDLE_MS) return;
  door.close();
  await stop();
  rmSync(directory, { recursive: true, force: true });
  process.exit(0);
}, 1_000);
