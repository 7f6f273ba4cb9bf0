/** One terminal session: opens it in the VPS, joins it to the screen, and lets go of everything at the end. */
import type { AppRouter } from "@muster/api/root";
import type { TRPCClient } from "@trpc/client";
import { FitAddon } from "@xterm/addon-fit";
import { Terminal } from "@xterm/xterm";
import { errorViewOf } from "../trpc/error-view.ts";
import { bytesOfBase64 } from "./base64.ts";
import { withNoncedStyles } from "./nonced-styles.ts";
import { orderedWriter } from "./ordered-writer.ts";

export type SessionState =
  | { kind: "opening" }
  | { kind: "open" }
  | { kind: "ended"; exitCode: number | null }
  | { kind: "failed"; message: string };

interface SessionInput {
  client: TRPCClient<AppRouter>;
  vpsId: string;
  element: HTMLElement;
  onState: (state: SessionState) => void;
}

const SCREEN = {
  fontSize: 13,
  cursorBlink: true,
  scrollback: 5_000,
  screenReaderMode: true,
  // A terminal is dark in both schemes: programs inside choose their colours for that.
  theme: { background: "#0d1316", foreground: "#dbe6ea", cursor: "#4fc1d4", selectionBackground: "#2c4a54" },
} as const;

function screenOn(element: HTMLElement) {
  const fontFamily = getComputedStyle(element).getPropertyValue("--mantine-font-family-monospace");
  const screen = new Terminal({ ...SCREEN, fontFamily });
  const fit = new FitAddon();
  screen.loadAddon(fit);
  withNoncedStyles(() => screen.open(element));
  fit.fit();
  return { screen, fit };
}

/** @returns ends the session and frees the screen. */
export function startSession({ client, vpsId, element, onState }: SessionInput): () => void {
  const { screen, fit } = screenOn(element);
  const leave: (() => void)[] = [() => screen.dispose()];
  let left = false;
  const fail = (error: unknown) => onState({ kind: "failed", message: errorViewOf(error).message });

  const join = (terminalId: string) => {
    const ids = { vpsId, terminalId };
    const output = client.terminal.output.subscribe(ids, {
      onData: ({ data }) => {
        if (data.type === "data") screen.write(bytesOfBase64(data.data));
        else onState({ kind: "ended", exitCode: data.exitCode });
      },
      onError: fail,
    });
    screen.onData(orderedWriter((data) => client.terminal.write.mutate({ ...ids, data }), fail));
    screen.onResize(({ cols, rows }) => {
      client.terminal.resize.mutate({ ...ids, columns: cols, rows }).catch(fail);
    });
    const sizes = new ResizeObserver(() => fit.fit());
    sizes.observe(element);
    leave.push(
      () => sizes.disconnect(),
      () => output.unsubscribe(),
      // It may have ended by itself, which is what was wanted.
      () => void client.terminal.close.mutate(ids).catch(() => undefined),
    );
    onState({ kind: "open" });
    screen.focus();
  };

  onState({ kind: "opening" });
  const open = async () => {
    const { terminalId } = await client.terminal.open.mutate({ vpsId, columns: screen.cols, rows: screen.rows });
    if (left) await client.terminal.close.mutate({ vpsId, terminalId });
    else join(terminalId);
  };
  open().catch((error: unknown) => {
    if (!left) fail(error);
  });

  return () => {
    left = true;
    for (const step of leave.toReversed()) step();
  };
}
