"use client";
import { MantineProvider } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { rememberNonce } from "../nonce.ts";
import { theme } from "../theme.ts";
import { ApiProvider } from "../trpc/client.tsx";

export function Providers({ nonce, children }: { nonce: string; children: ReactNode }) {
  useState(() => rememberNonce(nonce)); // once, before anything below renders
  return (
    <MantineProvider theme={theme} defaultColorScheme="auto" getStyleNonce={() => nonce}>
      <ApiProvider>{children}</ApiProvider>
    </MantineProvider>
  );
}
