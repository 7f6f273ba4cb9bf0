/** The product's processes: which user, which variables, how each says that it is ready. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Account, Role } from "./accounts.ts";
import { type Environment, listenText, publicUrl, reachable } from "./environment.ts";
import type { NodesPlan } from "./host.ts";
import type { KeptProcess } from "./keeper.ts";
import { type Checkout, canSetPriv, launchArgv } from "./launch.ts";

export interface Product {
  environment: Environment;
  checkout: Checkout;
  accounts: Record<Role, Account> | null;
  databaseUrl: string;
  plan: NodesPlan;
  /** CRIU as the set-up built it. */
  builtCriu: string;
  adopt: boolean;
}

export type ProductVariables = Record<string, string>;

/** Nothing of the caller's own environment goes on: no secret of a shell ends up in a process that faces a browser. */
function baseVariables({ environment }: Product): ProductVariables {
  return {
    PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    LANG: "C.UTF-8",
    NODE_ENV: "production",
    MUSTER_LOG_LEVEL: environment.MUSTER_LOG_LEVEL,
  };
}

export function serverVariables(product: Product): ProductVariables {
  const { environment } = product;
  return {
    ...baseVariables(product),
    HOME: "/nonexistent",
    DATABASE_URL: product.databaseUrl,
    MUSTER_DATA_DIR: environment.MUSTER_DATA_DIR,
    MUSTER_SERVER_LISTEN: listenText(environment.MUSTER_SERVER_LISTEN),
    MUSTER_ENROL_LISTEN: listenText(environment.MUSTER_ENROL_LISTEN),
    MUSTER_CONSOLE_LISTEN: listenText(environment.MUSTER_CONSOLE_LISTEN),
    MUSTER_PUBLIC_URL: publicUrl(environment),
    ...(product.adopt ? { MUSTER_ADOPT: "1" } : {}),
  };
}

function consoleVariables(product: Product): ProductVariables {
  const { environment } = product;
  return {
    ...baseVariables(product),
    HOME: "/nonexistent",
    MUSTER_CONSOLE_LISTEN: listenText(environment.MUSTER_CONSOLE_LISTEN),
    MUSTER_SERVER_LISTEN: listenText(environment.MUSTER_SERVER_LISTEN),
    MUSTER_PUBLIC_URL: publicUrl(environment),
  };
}

export function enrolTokenFile(environment: Environment): string {
  return join(environment.MUSTER_DATA_DIR, "agent/enrol-tokens");
}

export function agentVariables(product: Omit<Product, "databaseUrl">): ProductVariables {
  const { environment, plan, builtCriu } = product;
  const criu = environment.MUSTER_CRIU ?? (existsSync(builtCriu) ? builtCriu : undefined);
  return {
    ...baseVariables({ ...product, databaseUrl: "" }),
    HOME: process.env["HOME"] ?? "/root",
    // Node's four worker threads cost the agent 18 MB; one is enough for what it does.
    NODE_OPTIONS: "--v8-pool-size=1",
    // Types stripped once and not at every start: 2 s and 20 MB. Beside the code, since who may write the one may write
    // the other; the server's user may write neither, and so has no such cache.
    NODE_COMPILE_CACHE: join(product.checkout.path, "node_modules/.cache/muster-agent"),
    MUSTER_DATA_DIR: environment.MUSTER_DATA_DIR,
    MUSTER_AGENT_LISTEN: listenText(environment.MUSTER_AGENT_LISTEN),
    MUSTER_ENROL_URL: `https://${listenText(reachable(environment.MUSTER_ENROL_LISTEN))}`,
    MUSTER_ENROL_TOKEN_FILE: enrolTokenFile(environment),
    MUSTER_BRIDGE: environment.MUSTER_BRIDGE,
    MUSTER_NETWORK: environment.MUSTER_NETWORK,
    MUSTER_POOL_BYTES: String(environment.MUSTER_POOL_BYTES),
    ...(environment.MUSTER_POOL === undefined ? {} : { MUSTER_POOL: environment.MUSTER_POOL }),
    ...(criu === undefined ? {} : { MUSTER_CRIU: criu }),
    ...(plan.kind === "simulated" ? { MUSTER_SIMULATE: String(plan.count) } : {}),
  };
}

function nodeArgv(product: Product, account: Account | null, file: string): [string, ...string[]] {
  const node = join(product.checkout.path, "node_modules/node/bin/node");
  const argv = [node, join(product.checkout.path, file)] as const;
  return launchArgv(product.checkout, { account, parentDeathSignal: "TERM", argv }, canSetPriv());
}

/** One command of the server's, as the server's user. */
export function serverCommand(product: Product, file: string, ...args: string[]): [string, ...string[]] {
  return [...nodeArgv(product, product.accounts?.server ?? null, file), ...args];
}

function kept(product: Product, name: "server" | "console" | "agent", file: string): Omit<KeptProcess, "env"> {
  const account = name === "agent" ? null : (product.accounts?.[name] ?? null);
  return {
    name,
    argv: nodeArgv(product, account, file),
    logFile: join(product.environment.MUSTER_DATA_DIR, "logs", `${name}.log`),
    stopSignal: "SIGTERM",
  };
}

export function serverProcess(product: Product): KeptProcess {
  return { ...kept(product, "server", "apps/server/src/main.ts"), env: serverVariables(product) };
}

export function consoleProcess(product: Product): KeptProcess {
  return { ...kept(product, "console", "apps/console/src/main.ts"), env: consoleVariables(product) };
}

/** The only one that keeps root. */
export function agentProcess(product: Product): KeptProcess {
  return { ...kept(product, "agent", "apps/agent/src/main.ts"), env: agentVariables(product) };
}
