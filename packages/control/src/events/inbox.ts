/**
 * Between a listener that must not wait and a reader that may be slow: changes of one thing are kept once, the
 * latest of them, so the inbox is bounded by how many things there are, not by how often they change.
 */
export interface Inbox<Value> {
  put(key: string, value: Value): void;
  /** Everything since the last time; waits until there is something. Empty only when the signal is aborted. */
  take(): Promise<Value[]>;
}

export function createInbox<Value>(signal: AbortSignal): Inbox<Value> {
  const waiting = new Map<string, Value>();
  let wake = () => {};
  signal.addEventListener("abort", () => wake(), { once: true });
  return {
    put: (key, value) => {
      waiting.delete(key); // so that the order is that of the latest change
      waiting.set(key, value);
      wake();
    },
    take: async () => {
      if (waiting.size === 0 && !signal.aborted) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      const values = [...waiting.values()];
      waiting.clear();
      return values;
    },
  };
}
