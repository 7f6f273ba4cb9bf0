// @vitest-environment happy-dom
import { cleanup, fireEvent, screen } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import { renderUi } from "../ui/render.tsx";
import { MultiFilter } from "./multi-filter.tsx";

afterEach(cleanup);

const CHOICES = [
  { value: "create", label: "Create" },
  { value: "delete", label: "Delete" },
] as const;

test("two ticks that are faster than the page both hold", () => {
  const onChange = vi.fn();
  renderUi(<MultiFilter label="What" choices={CHOICES} chosen={[]} onChange={onChange} />);
  fireEvent.click(screen.getByRole("button", { name: "What" }));
  fireEvent.click(screen.getByRole("checkbox", { name: "Create" }));
  fireEvent.click(screen.getByRole("checkbox", { name: "Delete" }));
  expect(onChange).toHaveBeenLastCalledWith(["create", "delete"]);
});

test("the button says what it narrows, and by how many", () => {
  renderUi(<MultiFilter label="What" choices={CHOICES} chosen={["create"]} onChange={vi.fn()} />);
  expect(screen.getByRole("button", { name: "What 1 chosen" })).toBeTruthy();
});
