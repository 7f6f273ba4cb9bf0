import { expect, it } from "vitest";
import { readDoctorReport } from "./doctor.ts";
import { recordedHost } from "./inventory/recorded-host.ts";

it("says of a machine that is no Linux what is missing, and does not run VPSs there", async () => {
  const { text, canRunVps } = await readDoctorReport(recordedHost({ files: {} }), null);
  expect(canRunVps).toBe(false);
  expect(text).toMatch(/^no {3}vps +This is not Linux\.$/m);
  expect(text).toMatch(/^no {3}criu +CRIU is not installed/m);
  expect(text.trim().split("\n")).toHaveLength(13);
});

it("names the system in its first line", async () => {
  const files = { "/etc/os-release": 'PRETTY_NAME="Debian GNU/Linux 12"', "/proc/sys/kernel/osrelease": "6.1.0" };
  const { text } = await readDoctorReport(recordedHost({ files }), null);
  expect(text.split("\n")[0]).toBe("Debian GNU/Linux 12, Linux 6.1.0, cgroups none");
});
