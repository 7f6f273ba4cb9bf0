/** The server: reads its environment, starts its parts, shuts down when it is asked to or left alone. */
import { type Logger, pino } from "pino";
import { readEnvironment } from "./env.ts";
import { refuse } from "./exit.ts";
import type { Running } from "./server.ts";

/** What is not done by then is dropped: jobs are rows, and go on at the next start. */
const SHUTDOWN_MS = 4_500;

/** Listens from the first moment: who is told to stop, or left alone, while it still starts, stops as well. */
function stopOnRequest(current: () => Running | null, log: Logger): void {
  let stopping = false;
  const stop = async (why: string) => {
    if (stopping) return;
    stopping = true;
    log.info({ why }, "stopping");
    setTimeout(() => process.exit(1), SHUTDOWN_MS).unref();
    await current()
      ?.close()
      .catch((err: unknown) => log.error({ err }, "did not stop in order"));
    process.exit(0);
  };
  process.on("SIGTERM", () => stop("SIGTERM"));
  process.on("SIGINT", () => stop("SIGINT"));
  // Whoever started us is gone, perhaps by kill -9: nobody would stop us later.
  process.on("disconnect", () => stop("disconnect"));
  if (process.connected === false) stop("disconnect");
}

try {
  const environment = readEnvironment(process.env);
  const log = pino({ level: environment.logLevel, base: { name: "server" } }, pino.destination({ fd: 2, sync: true }));
  let running: Running | null = null;
  stopOnRequest(() => running, log);
  // The parts take seconds to load on a slow machine; what is refused above is refused at once.
  const { startServer } = await import("./server.ts");
  running = await startServer(environment, log);
  const { serverListen, enrolListen } = environment;
  log.info({ serverListen, enrolListen, publicUrl: environment.publicUrl }, "ready");
  process.send?.({ ready: true, serverListen, enrolListen });
} catch (error) {
  refuse(error);
}
