// @vitest-environment happy-dom
import type { Headroom } from "@muster/model/limits/preview";
import { GIB } from "@muster/model/units";
import { cleanup } from "@testing-library/react";
import { afterEach, expect, test } from "vitest";
import { renderUi } from "../ui/render.tsx";
import { HeadroomMeter } from "./headroom-meter.tsx";

afterEach(cleanup);

const memory: Headroom = {
  resource: "memory",
  capacity: 8 * GIB,
  promisable: 8 * GIB,
  promisedBefore: 2 * GIB,
  promisedAfter: 3 * GIB,
  used: GIB,
};
const words = (headroom: Headroom) => renderUi(<HeadroomMeter headroom={headroom} />).container.textContent;

test("says what is promised before and after, what is left, and what is really used", () => {
  const text = words(memory);
  expect(text).toContain("2 GiB → 3 GiB of 8 GiB");
  expect(text).toContain("5 GiB left to promise; 1 GiB in use now");
});

test("says by how much it is too much, and what the node has where more may be promised", () => {
  const text = words({ ...memory, promisable: 16 * GIB, promisedAfter: 20 * GIB, used: null });
  expect(text).toContain("4 GiB too much, the node has 8 GiB");
  expect(text).not.toContain("in use");
});

test("nothing changed is one figure, not two", () => {
  expect(words({ ...memory, promisedAfter: 2 * GIB })).toContain("Memory2 GiB of 8 GiB");
});
