import { expect, test } from "vitest";
import { createTestFleet } from "./fleet.ts";
import { expectRefusal } from "./refusal.ts";

const HOUR_MS = 3_600_000;

test("an enrolment token is good for an hour and not for a moment longer", async () => {
  let aheadMs = 0;
  const fleet = await createTestFleet({ clock: { nowMs: () => Date.now() + aheadMs } });
  try {
    const claim = (token: string) =>
      fleet
        .fleet()
        .enrolment.claim(
          { token, publicKeySha256: crypto.randomUUID(), hostname: "x", address: "127.0.0.1:1", simulated: true },
          async () => "",
        );
    const [young, old] = [
      await fleet.api().nodes.createEnrolmentToken(),
      await fleet.api().nodes.createEnrolmentToken(),
    ];
    expect(Date.parse(old.expiresAt) - Date.now()).toBeLessThanOrEqual(HOUR_MS);
    aheadMs = HOUR_MS - 60_000;
    await claim(young.token);
    aheadMs = HOUR_MS + 1_000;
    await expectRefusal(claim(old.token), "token_invalid");
  } finally {
    await fleet.close();
  }
});
