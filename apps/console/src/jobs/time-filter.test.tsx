// @vitest-environment happy-dom
import { cleanup, fireEvent, screen } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import { renderUi } from "../ui/render.tsx";
import type { TimeRange } from "./filter.ts";
import { isoOfLocal } from "./local-time.ts";
import { TimeEnds } from "./time-filter.tsx";

afterEach(cleanup);

const between = (from: string | null, to: string | null): TimeRange => ({
  type: "between",
  from: from === null ? null : isoOfLocal(from),
  to: to === null ? null : isoOfLocal(to),
});

function renderEnds(time: TimeRange) {
  const onChange = vi.fn();
  renderUi(<TimeEnds time={time} onChange={onChange} />);
  const field = (label: string) => screen.getByLabelText<HTMLInputElement>(label);
  const type = (label: string, value: string) => fireEvent.change(field(label), { target: { value } });
  return { onChange, field, type };
}

test("a time that is being typed stays as it is, and is asked for when it is whole", () => {
  const { onChange, field, type } = renderEnds(between("2026-11-22T00:00", null));
  for (const text of ["", "0002-11-22T00:00", "2025-11-22T00:00"]) {
    type("From", text);
    expect(field("From").value).toBe(text);
  }
  expect(onChange).not.toHaveBeenCalled();
  fireEvent.keyDown(field("From"), { key: "Enter" });
  fireEvent.blur(field("From"));
  expect(onChange.mock.calls).toEqual([[between("2025-11-22T00:00", null)]]);
});

test("both ends hold, though the URL comes back late", () => {
  const { onChange, field, type } = renderEnds(between(null, null));
  type("From", "2026-11-21T08:00");
  fireEvent.blur(field("From"));
  type("To", "2026-11-22T08:00");
  fireEvent.blur(field("To"));
  expect(onChange).toHaveBeenLastCalledWith(between("2026-11-21T08:00", "2026-11-22T08:00"));
  expect(field("From").value).toBe("2026-11-21T08:00");
});

test("an end that was emptied is open", () => {
  const { onChange, field, type } = renderEnds(between("2026-11-22T00:00", null));
  type("From", "");
  fireEvent.blur(field("From"));
  expect(onChange).toHaveBeenLastCalledWith(between(null, null));
});
