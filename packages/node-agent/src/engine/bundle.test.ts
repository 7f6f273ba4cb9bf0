import { limitsWith } from "@muster/model/limits/registry";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { ociConfig } from "./bundle.ts";
import type { VpsPlan } from "./ports.ts";

const PLAN: VpsPlan = {
  vpsId: "v0123456789",
  hostname: "web",
  templateName: "busybox",
  init: "busybox",
  idBase: 0x7000_0000,
  address: "10.81.0.10",
  mac: "02:4d:0a:51:00:0a",
  limits: limitsWith({ "cpu.cores": 0.5 }),
};

const AROUND = {
  rootfs: "/run/muster/x/vps/v0123456789/root",
  criuConfig: "/data/criu.conf",
  nativePath: "/opt/muster-native",
  bridge: "muster0",
  network: "10.81.0.0/24",
  gateway: "10.81.0.1",
  cgroup: { path: "/muster/v0123456789", mount: { destination: "/sys/fs/cgroup" }, startIn: null },
  openFilesMax: 20_000,
};

const readable = z.looseObject({
  process: z.looseObject({ env: z.array(z.string()), capabilities: z.record(z.string(), z.array(z.string())) }),
  mounts: z.array(z.looseObject({ destination: z.string() })),
  hooks: z.object({ createRuntime: z.array(z.looseObject({ args: z.array(z.string()) })) }),
  linux: z.looseObject({
    namespaces: z.array(z.looseObject({ type: z.string() })),
    uidMappings: z.array(z.unknown()),
    resources: z.looseObject({ devices: z.array(z.looseObject({ allow: z.boolean() })) }),
  }),
});
const config = (plan: VpsPlan) => readable.parse(ociConfig(plan, AROUND));

describe("ociConfig", () => {
  it("maps the VPS's root to an id of its own range", () => {
    const { linux } = config(PLAN);
    expect(linux.uidMappings).toEqual([{ containerID: 0, hostID: 0x7000_0000, size: 65_536 }]);
    expect(linux.namespaces.map(({ type }) => type)).toContain("user");
  });

  it("gives no capability that reaches over the VPS's edge", () => {
    const given = Object.values(config(PLAN).process.capabilities).flat();
    for (const name of ["CAP_SYS_ADMIN", "CAP_BPF", "CAP_SYS_MODULE", "CAP_SYS_PTRACE", "CAP_SYS_RAWIO"]) {
      expect(given).not.toContain(name);
    }
  });

  it("denies every device first", () => {
    expect(config(PLAN).linux.resources.devices[0]).toEqual({ allow: false, access: "rwm" });
  });

  it("hands the hook its arguments as separate words", () => {
    expect(config(PLAN).hooks.createRuntime[0]?.args.slice(1)).toEqual([
      "veth",
      "v0123456789",
      "muster0",
      "02:4d:0a:51:00:0a",
      "10.81.0.10",
      "24",
      "10.81.0.1",
    ]);
  });

  it("lets only systemd see cgroups, in a namespace of its own", () => {
    const systemd = config({ ...PLAN, init: "systemd" });
    expect(systemd.mounts.map(({ destination }) => destination)).toContain("/sys/fs/cgroup");
    expect(systemd.linux.namespaces.map(({ type }) => type)).toContain("cgroup");
    expect(systemd.process.env).toContain("container=oci");
    expect(config(PLAN).mounts.map(({ destination }) => destination)).not.toContain("/sys/fs/cgroup");
  });
});
