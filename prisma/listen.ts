/** LISTEN on a connection of its own, until the signal is aborted (returns) or the connection is lost (throws). */
import pg from "pg";

export interface Listening {
  signal: AbortSignal;
  /** From here on nothing is missed. */
  onListening: () => void;
  onNotification: (channel: string, payload: string) => void;
}

export async function listenTo(url: string, channels: readonly string[], listening: Listening): Promise<void> {
  const client = new pg.Client({
    connectionString: url,
    application_name: "muster-listen",
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
  });
  const { promise: ended, resolve, reject } = Promise.withResolvers<void>();
  client.on("error", reject);
  client.on("end", () => reject(new Error("The connection was ended.")));
  client.on("notification", ({ channel, payload }) => listening.onNotification(channel, payload ?? ""));
  listening.signal.addEventListener("abort", () => resolve(), { once: true });
  ended.catch(() => {}); // it may come before anybody waits for it below
  try {
    await client.connect();
    for (const channel of channels) await client.query(`LISTEN ${pg.escapeIdentifier(channel)}`);
    listening.onListening();
    if (!listening.signal.aborted) await ended;
  } finally {
    await client.end().catch(() => {}); // it may be broken already, which is why we are here
  }
}
