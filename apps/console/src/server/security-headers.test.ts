import { expect, test } from "vitest";
import { contentSecurityPolicy, newNonce } from "./security-headers.ts";

test("scripts run by nonce or from here, and nothing else does", () => {
  const policy = contentSecurityPolicy("abc");
  expect(policy).toContain("script-src 'self' 'nonce-abc';");
  expect(policy).toContain("default-src 'none'");
  expect(policy).not.toMatch(/unsafe-eval|script-src[^;]*unsafe-inline|https?:|\*/);
});

test("no nonce comes twice", () => {
  expect(newNonce()).not.toBe(newNonce());
});
