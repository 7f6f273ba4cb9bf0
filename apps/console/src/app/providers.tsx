"use client";
import { MantineProvider } from "@mantine/core";
import type { ReactNode } from "react";
import { theme } from "../theme.ts";
import { ApiProvider } from "../trpc/client.tsx";

export function Providers({ nonce, children }: { nonce: string; children: ReactNode }) {
  return (
    <MantineProvider theme={theme} defaultColorScheme="auto" getStyleNonce={() => nonce}>
      <ApiProvider>{children}</ApiProvider>
    </MantineProvider>
  );
}
