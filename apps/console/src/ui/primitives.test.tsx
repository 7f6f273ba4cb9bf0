// @vitest-environment happy-dom
/** One rendered test per primitive: a type can promise an accessible name, only a document shows it. */
import { cleanup, fireEvent, screen } from "@testing-library/react";
import { renderToString } from "react-dom/server";
import { afterEach, describe, expect, test, vi } from "vitest";
import { ActionButton } from "./action-button.tsx";
import { CopyField } from "./copy-field.tsx";
import { Facts, NotReported } from "./facts.tsx";
import { Freshness, isStale, LastHeard } from "./freshness.tsx";
import { IconButton } from "./icon-button.tsx";
import { Meter } from "./meter.tsx";
import { EmptyNotice, FailedNotice } from "./notice.tsx";
import { PageHeader } from "./page-header.tsx";
import { Panel } from "./panel.tsx";
import { ago, Elapsed, RelativeTime } from "./relative-time.tsx";
import { renderUi } from "./render.tsx";
import { SimulatedBadge } from "./simulated-badge.tsx";
import { StateMark } from "./state-mark.tsx";
import { showToast, Toasts } from "./toasts.tsx";
import { FieldsWhenReady } from "./until-ready.tsx";

afterEach(cleanup);

describe("ActionButton", () => {
  test("that may not be pressed stays in reach of the keyboard, says why, and does nothing", async () => {
    const press = vi.fn();
    renderUi(
      <ActionButton disabledReason="It is running." onPress={press}>
        Start
      </ActionButton>,
    );
    const button = screen.getByRole("button", { name: "Start" });
    expect(button.getAttribute("aria-disabled")).toBe("true");
    expect(button.hasAttribute("disabled")).toBe(false);
    fireEvent.click(button);
    expect(press).not.toHaveBeenCalled();
    fireEvent.mouseEnter(button); // by keyboard it opens on :focus-visible, which only a real browser knows
    expect(await screen.findByText("It is running.")).toBeTruthy();
  });

  test("that may be pressed acts", () => {
    const press = vi.fn();
    renderUi(
      <ActionButton disabledReason={null} onPress={press}>
        Stop
      </ActionButton>,
    );
    fireEvent.click(screen.getByRole("button", { name: "Stop" }));
    expect(press).toHaveBeenCalledOnce();
  });
});

test("IconButton has its label as its name", () => {
  renderUi(<IconButton icon="more" label="Actions for web-1" />);
  expect(screen.getByRole("button", { name: "Actions for web-1" })).toBeTruthy();
});

test("StateMark says the state in words, with its shape hidden from readers", () => {
  const { container } = renderUi(<StateMark tone="unknown" label="unknown" />);
  expect(screen.getByText("unknown")).toBeTruthy();
  expect(container.querySelector("svg")?.getAttribute("aria-hidden")).toBe("true");
});

test("SimulatedBadge says simulated", () => {
  renderUi(<SimulatedBadge />);
  expect(screen.getByText("simulated")).toBeTruthy();
});

describe("notices", () => {
  test("a failure is announced, an empty list is not", () => {
    renderUi(
      <>
        <FailedNotice title="The VPSs could not be read">The node does not answer.</FailedNotice>
        <EmptyNotice title="No VPS yet">Create one.</EmptyNotice>
      </>,
    );
    expect(screen.getByRole("alert").textContent).toContain("The VPSs could not be read");
    expect(screen.getByText("No VPS yet").closest("[role=alert]")).toBeNull();
  });

  test("that is all of a page is its heading", () => {
    renderUi(<EmptyNotice whole title="There is no such page" />);
    expect(screen.getByRole("heading", { level: 1, name: "There is no such page" })).toBeTruthy();
  });
});

test("Panel is a region with its title as its name", () => {
  renderUi(<Panel title="Status">content</Panel>);
  expect(screen.getByRole("region", { name: "Status" }).textContent).toContain("content");
});

test("PageHeader has the one heading of the first level", () => {
  renderUi(<PageHeader title="web-1" trail="Fleet" />);
  expect(screen.getByRole("heading", { level: 1, name: "web-1" })).toBeTruthy();
});

test("Facts pairs names with values, and what a driver does not say is said to be unsaid", () => {
  renderUi(<Facts items={[["Speed", <NotReported key="speed" />]]} />);
  expect(screen.getByRole("term").textContent).toBe("Speed");
  expect(screen.getByRole("definition").textContent).toBe("not reported by this driver");
});

test("Meter says its figures in words", () => {
  renderUi(<Meter label="Memory" value={1} max={4} text="1 GiB of 4 GiB" />);
  expect(screen.getByText("1 GiB of 4 GiB")).toBeTruthy();
});

test("CopyField names its button after what it copies", () => {
  renderUi(<CopyField label="Enrolment token" value="muster1.a.b" />);
  expect(screen.getByText("muster1.a.b")).toBeTruthy();
  expect(screen.getByRole("button", { name: "Copy enrolment token" })).toBeTruthy();
});

describe("times", () => {
  test("are told in their largest unit", () => {
    expect(ago(0, 1_500)).toBe("just now");
    expect(ago(0, 12_000)).toBe("12 s ago");
    expect(ago(0, 93_000)).toBe("1 min ago");
    expect(ago(0, 49 * 3_600_000)).toBe("2 d ago");
  });

  test("RelativeTime has the absolute time on hover", () => {
    const { container } = renderUi(<RelativeTime at="2026-11-22T16:00:00.000Z" />);
    const time = container.querySelector("time");
    expect(time?.dateTime).toBe("2026-11-22T16:00:00.000Z");
    expect(time?.title).toContain("2026");
  });

  test("Elapsed of what has ended stands still", () => {
    renderUi(<Elapsed from="2026-11-22T16:00:00.000Z" to="2026-11-22T16:00:01.400Z" />);
    expect(screen.getByText("1.4 s")).toBeTruthy();
  });
});

test("what the server sends takes no input before the page runs", () => {
  const form = (
    <FieldsWhenReady>
      <input aria-label="Password" />
    </FieldsWhenReady>
  );
  expect(renderToString(form)).toContain("<fieldset disabled");
  renderUi(form);
  expect(screen.getByRole("textbox").matches(":disabled")).toBe(false);
});

describe("freshness", () => {
  test("old when asked is stale; old since then only means that nothing changed", () => {
    const observedAt = "2026-11-22T16:00:00.000Z";
    expect(isStale({ observedAt, askedAtMs: Date.parse(observedAt) + 4_000 })).toBe(false);
    expect(isStale({ observedAt, askedAtMs: Date.parse(observedAt) + 12_000 })).toBe(true);
    expect(isStale({ observedAt: null, askedAtMs: 0 })).toBe(true);
  });

  test("a stale area is marked, and says when it was last heard", () => {
    const { container } = renderUi(
      <Freshness stale>
        <LastHeard observedAt={new Date(Date.now() - 12_000).toISOString()} />
      </Freshness>,
    );
    expect(container.querySelector("[data-stale]")?.textContent).toMatch(/last heard 1[123] s ago/);
  });
});

test("a failure stays among the toasts until it is dismissed", async () => {
  renderUi(<Toasts />);
  vi.useFakeTimers();
  showToast({ kind: "failed", title: "Start was refused", text: "It is running." });
  vi.advanceTimersByTime(600_000);
  vi.useRealTimers();
  expect(await screen.findByText("Start was refused")).toBeTruthy();
  fireEvent.click(screen.getByRole("button", { name: "Dismiss" }));
  expect(screen.queryByText("Start was refused")).toBeNull();
});
