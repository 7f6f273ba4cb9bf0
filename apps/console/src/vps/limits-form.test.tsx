// @vitest-environment happy-dom
import { MusterError } from "@muster/model/errors";
import type { LimitsPreview } from "@muster/model/limits/preview";
import { LIMIT_NAMES, limitsWith } from "@muster/model/limits/registry";
import { GIB, MIB } from "@muster/model/units";
import type { Vps } from "@muster/model/vps";
import { cleanup, fireEvent, screen } from "@testing-library/react";
import { useState } from "react";
import { afterEach, expect, test, vi } from "vitest";
import { exampleJob } from "../jobs/example-job.ts";
import { type Answers, renderWithApi } from "../trpc/render.tsx";
import { exampleVps } from "./example-vps.ts";
import { LimitsForm } from "./limits-form.tsx";

afterEach(cleanup);

/** A state is waited for, and this form of thirteen fields is drawn slowly where other tests run beside it. */
const patiently = [{}, { timeout: 10_000 }] as const;

const vps = exampleVps();
const limits = LIMIT_NAMES.map((name) => ({
  name,
  available: name !== "memory.swap",
  detail: "The host has no swap.",
}));
/** The form reads nothing else of it. */
const node = { inventory: { limits } };
const preview: LimitsPreview = {
  nodes: [
    {
      nodeId: vps.nodeId,
      nodeName: vps.nodeName,
      headroom: [
        {
          resource: "memory",
          capacity: 8 * GIB,
          promisable: 8 * GIB,
          promisedBefore: GIB,
          promisedAfter: 2 * GIB,
          used: null,
        },
      ],
      pressed: [{ vpsId: "v0000000002", name: "mail", resource: "memory", reason: "It uses 3 GiB." }],
    },
  ],
  vps: [{ vpsId: vps.id, name: "web", refusal: null }],
};

/** Its VPS can be stopped by a press. */
function FormOfOne({ state }: Pick<Vps, "state">) {
  const [now, setNow] = useState(state);
  return (
    <>
      <LimitsForm vps={{ ...vps, state: now }} />
      <button type="button" onClick={() => setNow("stopped")}>
        Stop it
      </button>
    </>
  );
}

function renderForm(more: Answers = {}, state: Vps["state"] = "running") {
  renderWithApi(<FormOfOne state={state} />, {
    "nodes.get": () => node,
    "vps.timedChanges": () => ({ items: [] }),
    "vps.readLimits": () => limitsWith({ "pids.max": 256 }),
    "vps.previewLimits": () => preview,
    ...more,
  });
}

const memory = () => screen.getByRole("textbox", { name: "Memory" });
const apply = () => screen.getByRole("button", { name: "Apply" });

test("what is typed is previewed and applied as one change, and the job is told in its place", async () => {
  const setLimits = vi.fn(() => ({ jobId: "j0000000001" }));
  renderForm({
    "vps.setLimits": setLimits,
    "jobs.get": () => exampleJob({ id: "j0000000001", kind: "vps.setLimits", state: "succeeded" }),
  });
  expect(apply().getAttribute("aria-disabled")).toBe("true");
  fireEvent.change(memory(), { target: { value: "768" } });
  expect(await screen.findByText("A neighbour would be pressed", ...patiently)).toBeTruthy();
  expect(screen.getByText("mail")).toBeTruthy();
  fireEvent.click(apply());
  expect(await screen.findByText(/^Applied and read back/, ...patiently)).toBeTruthy();
  expect(screen.getByRole("status", { name: "Outcome" }).textContent).toContain("succeeded");
  expect(setLimits).toHaveBeenCalledExactlyOnceWith({
    vpsId: vps.id,
    limits: { "memory.max": 768 * MIB },
    until: undefined,
  });
});

test("a refusal stands at its field, and what was typed stays", async () => {
  renderForm({
    "vps.setLimits": () => {
      throw new MusterError("overcommitted", "7 GiB are left.", { field: "limits.memory.max" });
    },
  });
  fireEvent.change(memory(), { target: { value: "900" } });
  fireEvent.click(apply());
  expect(await screen.findAllByText("7 GiB are left.", ...patiently)).not.toHaveLength(0);
  expect(memory()).toHaveProperty("value", "900");
  expect(memory().getAttribute("aria-invalid")).toBe("true");
});

test("what the kernel holds is told where it differs, and what the node cannot do is out of reach", async () => {
  renderForm();
  expect(await screen.findByText("The kernel holds 256 now.", ...patiently)).toBeTruthy();
  expect(screen.getAllByText(/The kernel holds/)).toHaveLength(1);
  expect(await screen.findByText("The host has no swap.", ...patiently)).toBeTruthy();
  expect(screen.getByRole("textbox", { name: "Swap" })).toHaveProperty("disabled", true);
});

test("once it is stopped, nothing is said of what the kernel held", async () => {
  renderForm();
  expect(await screen.findByText("The kernel holds 256 now.", ...patiently)).toBeTruthy();
  fireEvent.click(screen.getByRole("button", { name: "Stop it" }));
  expect(screen.queryByText(/The kernel holds/)).toBeNull();
});

test("of a stopped one it is not said that it went on", async () => {
  const job = exampleJob({ kind: "vps.setLimits", state: "succeeded" });
  renderForm({ "vps.setLimits": () => ({ jobId: job.id }), "jobs.get": () => job }, "stopped");
  fireEvent.change(memory(), { target: { value: "768" } });
  fireEvent.click(apply());
  expect(await screen.findByText(/^Applied; the VPS is stopped/, ...patiently)).toBeTruthy();
});
