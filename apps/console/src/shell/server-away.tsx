"use client";
import { Button } from "@mantine/core";
import { FailedNotice } from "../ui/notice.tsx";

export function ServerAway({ reason }: { reason: string }) {
  return (
    <main>
      <FailedNotice
        whole
        title="Muster cannot be shown now"
        action={<Button onClick={() => window.location.reload()}>Try again</Button>}
      >
        {reason}
      </FailedNotice>
    </main>
  );
}
