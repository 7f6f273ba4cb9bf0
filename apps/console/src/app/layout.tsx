import "@fontsource-variable/inter/index.css";
import "@mantine/core/styles.css";
import "./tokens.css";
import "./global.css";
import { ColorSchemeScript, mantineHtmlProps } from "@mantine/core";
import { headers } from "next/headers";
import type { ReactNode } from "react";
import { Providers } from "./providers.tsx";

/** The nonce that main.ts put into this request's Content-Security-Policy. */
async function nonceOfRequest(): Promise<string> {
  const policy = (await headers()).get("content-security-policy") ?? "";
  return /'nonce-([^']+)'/.exec(policy)?.[1] ?? "";
}

export default async function RootLayout({ children }: { children: ReactNode }) {
  const nonce = await nonceOfRequest();
  return (
    <html lang="en" {...mantineHtmlProps}>
      <head>
        <ColorSchemeScript defaultColorScheme="auto" nonce={nonce} />
      </head>
      <body>
        <Providers nonce={nonce}>{children}</Providers>
      </body>
    </html>
  );
}
