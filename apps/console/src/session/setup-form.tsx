"use client";
/** The first administrator. The token comes in the fragment of the printed address: a fragment never leaves the browser. */
import { Button, PasswordInput, Stack, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState, useSyncExternalStore } from "react";
import { FormError } from "../form/form-error.tsx";
import { paths } from "../paths.ts";
import { useTRPC } from "../trpc/client.tsx";
import { adviceFor, errorViewOf } from "../trpc/error-view.ts";
import { FieldsWhenReady } from "../ui/until-ready.tsx";
import { signIn } from "./auth.ts";

export function tokenInFragment(fragment: string): string {
  return new URLSearchParams(fragment.replace(/^#/, "")).get("token") ?? "";
}

function useTokenInFragment(): string {
  return useSyncExternalStore(
    (listener) => {
      window.addEventListener("hashchange", listener);
      return () => window.removeEventListener("hashchange", listener);
    },
    () => tokenInFragment(window.location.hash),
    () => "",
  );
}

interface Draft {
  token: string | null;
  name: string;
  email: string;
  password: string;
}

const EMPTY: Draft = { token: null, name: "", email: "", password: "" };

export function SetupForm() {
  const trpc = useTRPC();
  const given = useTokenInFragment();
  const [draft, setDraft] = useState(EMPTY);
  const token = draft.token ?? given;
  const complete = useMutation(
    trpc.setup.complete.mutationOptions({
      onSuccess: async () => {
        const failure = await signIn(draft);
        window.location.assign(failure === null ? paths.fleet() : paths.signIn());
      },
    }),
  );
  const error = complete.isError ? errorViewOf(complete.error) : null;
  const at = (field: string) => (error?.field === field ? error.message : null);
  const fields = ["token", "name", "email", "password"];
  const set = (change: Partial<Draft>) => setDraft({ ...draft, ...change });

  return (
    <form
      method="post"
      onSubmit={(event) => {
        event.preventDefault();
        complete.mutate({ name: draft.name, email: draft.email, password: draft.password, token });
      }}
    >
      <FieldsWhenReady>
        <Stack gap="sm">
          {error !== null && !fields.includes(error.field ?? "") && (
            <FormError>
              {error.message} {adviceFor(error)}
            </FormError>
          )}
          <TextInput
            label="First-run token"
            description={given === "" ? "npm start prints it with the address." : "Taken from the printed address."}
            required
            withAsterisk={false}
            autoComplete="off"
            spellCheck={false}
            value={token}
            onChange={(event) => set({ token: event.currentTarget.value })}
            error={at("token")}
          />
          <TextInput
            label="Name"
            required
            withAsterisk={false}
            autoComplete="name"
            value={draft.name}
            onChange={(event) => set({ name: event.currentTarget.value })}
            error={at("name")}
          />
          <TextInput
            label="E-mail"
            type="email"
            required
            withAsterisk={false}
            autoComplete="username"
            value={draft.email}
            onChange={(event) => set({ email: event.currentTarget.value })}
            error={at("email")}
          />
          <PasswordInput
            label="Password"
            description="At least 12 characters."
            required
            withAsterisk={false}
            minLength={12}
            autoComplete="new-password"
            value={draft.password}
            onChange={(event) => set({ password: event.currentTarget.value })}
            error={at("password")}
            visibilityToggleButtonProps={{ "aria-label": "Show the password" }}
          />
          <Button type="submit" size="sm" mt={6} loading={complete.isPending || complete.isSuccess}>
            Create administrator
          </Button>
        </Stack>
      </FieldsWhenReady>
    </form>
  );
}
