// @vitest-environment happy-dom
import { LIMIT_NAMES, LIMITS, limitsWith } from "@muster/model/limits/registry";
import { MIB } from "@muster/model/units";
import { cleanup, fireEvent, screen, within } from "@testing-library/react";
import { useState } from "react";
import { afterEach, expect, test, vi } from "vitest";
import { renderUi } from "../ui/render.tsx";
import { changeIn, differing, fieldOf, type LimitsDraft, namesIn } from "./draft.ts";
import { LimitFields } from "./limit-fields.tsx";
import { formatLimit } from "./value.ts";

afterEach(cleanup);

const limits = limitsWith({ "memory.max": 512 * MIB });

function Form({ onChange }: { onChange: (change: object) => void }) {
  const [draft, setDraft] = useState<LimitsDraft>({});
  const read = changeIn(draft);
  const change = differing(read.change, limits);
  onChange(change);
  return (
    <LimitFields
      draft={draft}
      onDraft={setDraft}
      standing={(name) => fieldOf(name, limits[name])}
      changed={namesIn(change)}
      nowText={(name) => `now ${formatLimit(name, limits[name])}`}
      errors={read.errors}
      disabledReason={(name) => (name === "memory.swap" ? "The host has no swap." : null)}
    />
  );
}

function renderForm() {
  const onChange = vi.fn();
  renderUi(<Form onChange={onChange} />);
  return onChange;
}

test("every limit of the registry has a field that says what it does", () => {
  renderForm();
  for (const name of LIMIT_NAMES) {
    const field = screen.getByRole("textbox", { name: LIMITS[name].title });
    expect(field.getAttribute("aria-description")).toContain(LIMITS[name].explanation);
  }
});

test("what is typed is a change, marked with what holds now, and taken back by one press", () => {
  const onChange = renderForm();
  fireEvent.change(screen.getByRole("textbox", { name: "Memory" }), { target: { value: "768" } });
  expect(onChange).toHaveBeenLastCalledWith({ "memory.max": 768 * MIB });
  expect(screen.getByText("now 512 MiB")).toBeTruthy();
  fireEvent.click(screen.getByRole("button", { name: "Leave Memory as it is" }));
  expect(onChange).toHaveBeenLastCalledWith({});
  expect(screen.queryByText("now 512 MiB")).toBeNull();
});

test("another unit is another value", () => {
  const onChange = renderForm();
  fireEvent.change(screen.getByRole("combobox", { name: "Unit of Memory" }), { target: { value: "GiB" } });
  expect(onChange).toHaveBeenLastCalledWith({ "memory.max": 512 * 1024 * MIB });
});

test("what may be left open is opened and closed by its box; closed it has to be given", () => {
  const onChange = renderForm();
  const open = screen.getByRole("checkbox", { name: "No limit: Outgoing bandwidth" });
  expect(open).toHaveProperty("checked", true);
  fireEvent.click(open);
  expect(screen.getByText("Must be given.")).toBeTruthy();
  fireEvent.change(screen.getByRole("textbox", { name: "Outgoing bandwidth" }), { target: { value: "20" } });
  expect(onChange).toHaveBeenLastCalledWith({ "nic.egress": 20_000_000 });
  expect(screen.queryByText("Must be given.")).toBeNull();
  expect(screen.queryByRole("checkbox", { name: /Memory$/ })).toBeNull();
});

test("what the node cannot do is out of reach, with its reason", () => {
  renderForm();
  expect(screen.getByRole("textbox", { name: "Swap" })).toHaveProperty("disabled", true);
  const memory = screen.getByRole("region", { name: "Memory" });
  expect(within(memory).getByText("The host has no swap.")).toBeTruthy();
});
