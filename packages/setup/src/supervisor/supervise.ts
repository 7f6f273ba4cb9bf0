/** One start of the product, in order; and its stop, in the reverse. */
import { join } from "node:path";
import { type Account, ensureAccounts, type Role } from "./accounts.ts";
import { makeDataDir, makeRoleDirs } from "./data-dir.ts";
import { embeddedCluster, embeddedDatabase, migrate, requireAnswer, settleEmbedded } from "./database.ts";
import type { Environment } from "./environment.ts";
import { mustExecute } from "./execute.ts";
import { planNodes } from "./host.ts";
import { type Keeper, type KeeperHooks, keeperOf } from "./keeper.ts";
import { type Checkout, openCheckout } from "./launch.ts";
import { refuseDoublePorts, requireFreePorts, wantedPorts } from "./ports.ts";
import { agentProcess, agentVariables, consoleProcess, type Product, serverProcess } from "./product.ts";
import { lockDataDir } from "./supervisor-lock.ts";
import { type ChildRecord, endSurvivors, recordChildren } from "./survivors.ts";
import { addressToOpen, provideEnrolTokens } from "./tokens.ts";

export interface StartRequest {
  environment: Environment;
  isRoot: boolean;
  simulate: number | null;
  /** The database was lost: the server takes nodes back that have joined before. */
  adopt: boolean;
  checkout: string;
  builtCriu: string;
  say(line: string): void;
}

/** What has to be undone at a stop, newest first. */
export interface Supervision {
  start(): Promise<{ address: string; plan: Product["plan"] }>;
  stop(): Promise<void>;
}

/** Keeps the record of who runs, for a next start to find what a killed one left. */
function recorder(dataDir: string, say: (line: string) => void): (name: string) => KeeperHooks {
  const running = new Map<string, ChildRecord>();
  return (name) => ({
    say,
    changed(record) {
      if (record === null) running.delete(name);
      else running.set(name, record);
      try {
        recordChildren(dataDir, [...running.values()]);
      } catch (error) {
        // The record is for a start after a kill -9, whose ports would tell as well: no reason to end what runs.
        say(`Who runs could not be written down: ${error instanceof Error ? error.message : String(error)}`);
      }
    },
  });
}

export function supervision(request: StartRequest): Supervision {
  const { environment, say } = request;
  const dataDir = environment.MUSTER_DATA_DIR;
  const hooksOf = recorder(dataDir, say);
  const keepers: Keeper[] = [];
  let unlock = () => {};

  async function keep(keeper: Keeper): Promise<void> {
    keepers.push(keeper);
    await keeper.start();
  }

  async function database(checkout: Checkout, account: Account | null): Promise<string> {
    if (environment.DATABASE_URL !== undefined) await requireAnswer(environment.DATABASE_URL);
    const url = environment.DATABASE_URL ?? (await embedded(checkout, account));
    await migrate(request.checkout, url);
    return url;
  }

  async function embedded(checkout: Checkout, account: Account | null): Promise<string> {
    const cluster = embeddedCluster(environment, checkout, account);
    const made = await embeddedDatabase(cluster, dataDir, hooksOf("postgres"));
    await keep(made.keeper);
    await made.prepare();
    return made.url;
  }

  async function clearTheWay(): Promise<Record<Role, Account> | null> {
    refuseDoublePorts(wantedPorts(environment));
    makeDataDir(dataDir);
    unlock = lockDataDir(dataDir);
    for (const name of await endSurvivors(dataDir)) say(`The ${name} of an earlier start did not end; it was killed.`);
    if (await settleEmbedded(environment)) say("The PostgreSQL of an earlier start was still running; it was stopped.");
    await requireFreePorts(wantedPorts(environment));
    const accounts = await ensureAccounts(request.isRoot);
    makeRoleDirs(dataDir, accounts);
    return accounts;
  }

  async function start() {
    const accounts = await clearTheWay();
    const { checkout: path, builtCriu, adopt } = request;
    const facts = { platform: process.platform, isRoot: request.isRoot, simulate: request.simulate };
    const agentBasis = { environment, accounts, builtCriu, adopt, plan: { kind: "real" } as const };
    const checkout = await openCheckout(path, dataDir, accounts?.server ?? null);
    const [plan, databaseUrl] = await Promise.all([
      planNodes(facts, path, agentVariables({ ...agentBasis, checkout })),
      database(checkout, accounts?.database ?? null),
    ]);
    const product: Product = { environment, checkout, accounts, databaseUrl, plan, builtCriu, adopt };
    await Promise.all([
      keep(keeperOf(serverProcess(product), hooksOf("server"))),
      keep(keeperOf(consoleProcess(product), hooksOf("console"))),
      firstTemplate(product),
    ]);
    const [address] = await Promise.all([addressToOpen(product), enrolAgent(product)]);
    return { address, plan };
  }

  async function enrolAgent(product: Product): Promise<void> {
    const forgetTokens = await provideEnrolTokens(product);
    await keep(keeperOf(agentProcess(product), hooksOf("agent")));
    forgetTokens();
  }

  async function stop(): Promise<void> {
    const [rest, postgres] = [
      keepers.filter((one) => one.name !== "postgres"),
      keepers.find((one) => one.name === "postgres"),
    ];
    await Promise.all(rest.map((keeper) => keeper.stop()));
    await postgres?.stop();
    unlock();
  }

  return { start, stop };
}

/** A node without a template could make no VPS: the small one takes a second and is left alone when it is there. */
async function firstTemplate(product: Product): Promise<void> {
  if (product.plan.kind !== "real") return;
  const template = join(product.checkout.path, "apps/agent/src/template.ts");
  await mustExecute("The first template could not be made.", [process.execPath, template, "busybox"], {
    env: agentVariables(product),
  });
}
