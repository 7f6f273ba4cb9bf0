"use client";
import { Button } from "@mantine/core";
import { FailedNotice } from "../ui/notice.tsx";

export default function PageError({ error, reset }: { error: Error & { digest?: string }; reset: () => void }) {
  return (
    <main>
      <FailedNotice whole title="This page failed" action={<Button onClick={reset}>Try again</Button>}>
        The console&apos;s log has the cause{error.digest === undefined ? "" : ` under ${error.digest}`}.
      </FailedNotice>
    </main>
  );
}
