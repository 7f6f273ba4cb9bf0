import { expect, test } from "vitest";
import { launchArgv, seen } from "./launch.ts";

const ACCOUNT = { name: "muster-server", uid: 995, gid: 994 };
const OPEN = { path: "/srv/muster", seenAt: "/srv/muster" };
const CLOSED = { path: "/root/muster", seenAt: "/var/lib/muster/checkout" };
const launch = { account: ACCOUNT, parentDeathSignal: "TERM" as const };

test("an unprivileged process loses every capability before its first instruction", () => {
  const argv = launchArgv(OPEN, { ...launch, argv: ["/srv/muster/node", "/srv/muster/main.ts"] }, true);
  expect(argv.slice(0, argv.indexOf("--"))).toEqual(
    expect.arrayContaining(["--reuid=995", "--regid=994", "--clear-groups", "--no-new-privs", "--bounding-set=-all"]),
  );
  expect(argv).toContain("--pdeathsig=TERM");
  expect(argv.slice(-2)).toEqual(["/srv/muster/node", "/srv/muster/main.ts"]);
});

test("a checkout in root's home is shown at a place that others may enter", () => {
  const argv = launchArgv(CLOSED, { ...launch, argv: ["/root/muster/node", "/root/muster/main.ts", "/var/x"] }, true);
  expect(argv[0]).toBe("unshare");
  expect(argv.slice(-3)).toEqual(["/var/lib/muster/checkout/node", "/var/lib/muster/checkout/main.ts", "/var/x"]);
});

test("the agent keeps root, and ends with the supervisor", () => {
  const argv = launchArgv(CLOSED, { account: null, parentDeathSignal: "TERM", argv: ["/root/muster/node"] }, true);
  expect(argv).toEqual(["setpriv", "--pdeathsig=TERM", "--", "/root/muster/node"]);
});

test("where there is no setpriv, the command is started as it is", () => {
  expect(launchArgv(OPEN, { ...launch, argv: ["/srv/muster/node", "x"] }, false)).toEqual(["/srv/muster/node", "x"]);
});

test("a path beside the checkout that only begins like it is not moved", () => {
  expect(seen(CLOSED, "/root/muster-data/x")).toBe("/root/muster-data/x");
});
