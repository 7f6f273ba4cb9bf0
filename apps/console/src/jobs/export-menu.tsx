"use client";
import { Button, Menu } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useTRPCClient } from "../trpc/client.tsx";
import { errorViewOf } from "../trpc/error-view.ts";
import { Icon } from "../ui/icon.tsx";
import { showToast } from "../ui/toasts.tsx";
import type { JobListFilter } from "./filter.ts";
import { saveFile } from "./save-file.ts";

/** What is filtered, as a file: every job of it, not only those that were scrolled to. */
export function ExportMenu({ filter }: { filter: JobListFilter }) {
  const client = useTRPCClient();
  const save = useMutation({
    mutationFn: (format: "csv" | "json") => client.jobs.export.query({ filter, format }),
    onSuccess: (file) => {
      saveFile(file);
      if (file.truncated) {
        showToast({
          kind: "failed",
          title: "The file does not have everything",
          text: "There are more jobs than one file takes. It has the newest; narrow the time to get the others.",
        });
      }
    },
    onError: (error) =>
      showToast({ kind: "failed", title: "The history was not exported", text: errorViewOf(error).message }),
  });
  return (
    <Menu position="bottom-end" withInitialFocusPlaceholder={false}>
      <Menu.Target>
        <Button
          variant="default"
          flex="none"
          loading={save.isPending}
          rightSection={<Icon name="chevronDown" size={11} />}
        >
          Export
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={() => save.mutate("csv")}>CSV, for a spreadsheet</Menu.Item>
        <Menu.Item onClick={() => save.mutate("json")}>JSON, for a script</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
