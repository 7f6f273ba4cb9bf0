"use client";
import "@xterm/xterm/css/xterm.css";
import { Button } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import { useTRPCClient } from "../trpc/client.tsx";
import { type SessionState, startSession } from "./session.ts";
import classes from "./terminal.module.css";

function stateText(state: SessionState): string {
  switch (state.kind) {
    case "opening":
      return "Opening a shell…";
    case "open":
      return "Connected. A shell of root inside the VPS.";
    case "ended":
      return state.exitCode === null ? "The shell was ended." : `The shell ended with exit code ${state.exitCode}.`;
    case "failed":
      return state.message;
  }
}

export function VpsTerminal({ vpsId }: { vpsId: string }) {
  const client = useTRPCClient();
  const element = useRef<HTMLDivElement>(null);
  const [state, setState] = useState<SessionState>({ kind: "opening" });
  const [attempt, setAttempt] = useState(0);

  // A new attempt is a new session.
  useEffect(() => {
    if (element.current === null) return;
    return startSession({ client, vpsId, element: element.current, onState: setState });
  }, [client, vpsId, attempt]);

  return (
    <section className={classes.terminal} aria-label="Terminal">
      <div className={classes.bar}>
        <span role="status" className={state.kind === "failed" ? classes.failed : undefined}>
          {stateText(state)}
        </span>
        {(state.kind === "ended" || state.kind === "failed") && (
          <Button variant="default" size="compact-xs" onClick={() => setAttempt(attempt + 1)}>
            Open again
          </Button>
        )}
      </div>
      <div ref={element} className={classes.screen} />
    </section>
  );
}
