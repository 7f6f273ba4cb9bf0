/**
 * How a process of the product is started so that it is what it should be: its own user without any capability, unable to
 * gain one, able to read the checkout, and ended by the kernel when the supervisor dies (kill -9 too).
 */
import { existsSync, mkdirSync } from "node:fs";
import { join, relative } from "node:path";
import type { Account } from "./accounts.ts";
import { execute } from "./execute.ts";
import { Refusal } from "./refusal.ts";

export interface Checkout {
  /** Where it really is. */
  path: string;
  /** Where the unprivileged processes see it; the same, unless a directory on the way is closed to them. */
  seenAt: string;
}

export interface Launch {
  /** null: as the user that the supervisor itself is. */
  account: Account | null;
  /** What the kernel sends when the supervisor dies. */
  parentDeathSignal: "TERM" | "INT";
  argv: readonly [string, ...string[]];
}

const NOBODY_WINS = [
  "--clear-groups",
  "--no-new-privs",
  "--inh-caps=-all",
  "--ambient-caps=-all",
  "--bounding-set=-all",
];

/** A path inside the checkout, as the launched process will see it. */
export function seen(checkout: Checkout, path: string): string {
  const inside = relative(checkout.path, path);
  return inside.startsWith("..") ? path : join(checkout.seenAt, inside);
}

/** Only Linux knows a parent's death and setpriv; elsewhere the IPC channel alone tells. */
export function canSetPriv(): boolean {
  return process.platform === "linux" && existsSync("/usr/bin/setpriv");
}

/** @param setpriv whether the host has it */
export function launchArgv(checkout: Checkout, launch: Launch, setpriv: boolean): [string, ...string[]] {
  const { account, argv } = launch;
  const [program, ...args] = argv;
  if (!setpriv) return [program, ...args];
  const watched = ["setpriv", `--pdeathsig=${launch.parentDeathSignal}`] as const;
  if (account === null) return [...watched, "--", program, ...args];
  const ids = [`--reuid=${account.uid}`, `--regid=${account.gid}`];
  const lowered = [
    "--",
    seen(checkout, program),
    ...args.map((arg) => (arg.startsWith("/") ? seen(checkout, arg) : arg)),
  ];
  if (checkout.seenAt === checkout.path) return [...watched, ...ids, ...NOBODY_WINS, ...lowered];
  const mounts = join(import.meta.dirname, "in-private-mounts.sh"); // run as root still: where it really is
  const private_ = [
    "unshare",
    "--mount",
    "--propagation",
    "slave",
    "--",
    mounts,
    checkout.path,
    checkout.seenAt,
  ] as const;
  return [...private_, ...watched, ...ids, ...NOBODY_WINS, ...lowered];
}

/** What a reader must be able to open: the oldest and the newest kind of file in a checkout. */
const PROBE = "for (const file of process.argv.slice(1)) require('fs').readFileSync(file)";

async function canRead(checkout: Checkout, account: Account): Promise<boolean> {
  const inCheckout = (name: string) => join(checkout.path, name);
  const argv = launchArgv(
    checkout,
    {
      account,
      parentDeathSignal: "TERM",
      argv: [
        inCheckout("node_modules/node/bin/node"),
        "-e",
        PROBE,
        inCheckout("package.json"),
        inCheckout("packages/setup/src/run.ts"),
        inCheckout("packages/setup/node_modules/zod/package.json"),
      ],
    },
    canSetPriv(),
  );
  return (await execute(argv, { cwd: "/", env: { PATH: process.env["PATH"] } })).code === 0;
}

/** @throws Refusal when the unprivileged users cannot read the checkout in any way */
export async function openCheckout(path: string, dataDir: string, reader: Account | null): Promise<Checkout> {
  const direct = { path, seenAt: path };
  if (reader === null || (await canRead(direct, reader))) return direct;
  const shown = { path, seenAt: join(dataDir, "checkout") };
  mkdirSync(shown.seenAt, { recursive: true, mode: 0o755 });
  if (await canRead(shown, reader)) return shown;
  throw new Refusal(`The user ${reader.name} cannot read ${path}. Make it readable: chmod -R go+rX ${path}`);
}
