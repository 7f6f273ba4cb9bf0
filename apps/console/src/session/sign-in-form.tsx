"use client";
import { Button, PasswordInput, Stack, TextInput } from "@mantine/core";
import { useSearchParams } from "next/navigation";
import { useState } from "react";
import { FormError } from "../form/form-error.tsx";
import { paths } from "../paths.ts";
import { FieldsWhenReady } from "../ui/until-ready.tsx";
import { signIn } from "./auth.ts";

const HERE = "http://here.invalid";

/**
 * Only a path of this console: what else a link brings would lead away from it. Asked of the parser that will follow it,
 * since a browser drops tabs and line feeds and takes a backslash for a slash: "/<tab>/evil.example" is another host.
 */
export function safeNext(next: string | null): string {
  if (!next?.startsWith("/") || !URL.canParse(next, HERE)) return paths.fleet();
  return new URL(next, HERE).origin === HERE ? next : paths.fleet();
}

export function SignInForm() {
  const next = safeNext(useSearchParams().get("next"));
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [busy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<string | null>(null);

  const submit = async () => {
    setBusy(true);
    const failure = await signIn({ email, password });
    // A whole new document: nothing of an earlier session stays in memory.
    if (failure === null) return window.location.assign(next);
    setRefusal(failure);
    setBusy(false);
  };
  return (
    <form
      method="post"
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <FieldsWhenReady>
        <Stack gap="sm">
          {refusal !== null && <FormError>{refusal}</FormError>}
          <TextInput
            label="E-mail"
            type="email"
            name="email"
            autoComplete="username"
            required
            withAsterisk={false}
            value={email}
            onChange={(event) => setEmail(event.currentTarget.value)}
          />
          <PasswordInput
            label="Password"
            name="password"
            autoComplete="current-password"
            required
            withAsterisk={false}
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
            visibilityToggleButtonProps={{ "aria-label": "Show the password" }}
          />
          <Button type="submit" size="sm" mt={6} loading={busy}>
            Sign in
          </Button>
        </Stack>
      </FieldsWhenReady>
    </form>
  );
}
