// @vitest-environment happy-dom
import { cleanup, screen } from "@testing-library/react";
import { afterEach, expect, test } from "vitest";
import { renderUi } from "../ui/render.tsx";
import { StateMark } from "../ui/state-mark.tsx";
import { ReportedInventory } from "./reported-inventory.tsx";

afterEach(cleanup);

const inventory = {
  hostname: "node",
  operatingSystem: "Debian",
  kernel: "6.18",
  architecture: "x64",
  bootId: "b",
  cgroupLayout: "v2" as const,
  cpu: { model: null, cores: 1, sockets: null, mhz: null, flags: [] },
  memoryBytes: 1,
  swapBytes: 0,
  disks: [],
  nics: [],
  pool: null,
  network: { bridge: "muster0", network: "10.80.0.0/24", gateway: "10.80.0.1" },
  capabilities: [],
  limits: [],
};
const linkUp = () => <StateMark tone="running" label="link up" />;

test("a link of a silent node is drawn as stale, that of a node that is heard is not", () => {
  const { container } = renderUi(
    <ReportedInventory node={{ inventory }} stale>
      {linkUp}
    </ReportedInventory>,
  );
  expect(container.querySelector("[data-stale]")?.textContent).toContain("link up");
  cleanup();
  const heard = renderUi(
    <ReportedInventory node={{ inventory }} stale={false}>
      {linkUp}
    </ReportedInventory>,
  );
  expect(screen.getByText("link up")).toBeTruthy();
  expect(heard.container.querySelector("[data-stale]")).toBeNull();
});
