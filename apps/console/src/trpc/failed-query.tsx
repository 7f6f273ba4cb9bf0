"use client";
import { Button } from "@mantine/core";
import { FailedNotice } from "../ui/notice.tsx";
import { adviceFor, errorViewOf } from "./error-view.ts";

/** A list or page that could not be read: what failed, why, and what to do. */
export function FailedQuery({ what, error, onRetry }: { what: string; error: unknown; onRetry: () => void }) {
  const view = errorViewOf(error);
  return (
    <FailedNotice
      title={`${what} could not be read`}
      action={
        <Button variant="default" onClick={onRetry}>
          Try again
        </Button>
      }
    >
      {view.message} {adviceFor(view)}
    </FailedNotice>
  );
}
