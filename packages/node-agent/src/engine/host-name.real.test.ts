import { hostname } from "node:os";
import { expect, it } from "vitest";
import { native } from "./native.ts";

it("never is the host's own, whose process may have got the pid of a guest's init that ended", async () => {
  // With the name that it has already: nothing would be lost but this test.
  const named = native(["host-name", String(process.pid), hostname()]);
  await expect(named).rejects.toMatchObject({ code: "engine_failed", message: expect.stringContaining("ESRCH") });
});
