/**
 * A server's beat: that it is alive, and what it hears back. A job that is at work here and no longer this server's
 * (it was paused, and given up for dead) is let go; a cancel whose NOTIFY was lost is heard now; a job that is this
 * server's and not at work here goes back into the queue, at the second beat, since a claim's answer may be on its way.
 */
import type { ServerStore } from "../jobs/servers.ts";
import type { Log } from "../log.ts";

export interface AtWork {
  cancel: AbortController;
  letGo: AbortController;
  ended: Promise<void>;
}

export interface HeartbeatOptions {
  servers: ServerStore;
  atWork: ReadonlyMap<string, AtWork>;
  log: Log;
  stopping: AbortSignal;
}

/** @returns one beat; it never throws, and does nothing while the one before is under way. */
export function createHeartbeat({ servers, atWork, log, stopping }: HeartbeatOptions): () => Promise<void> {
  let beating = false;
  let superseded = false;
  let missing: ReadonlySet<string> = new Set();

  const stepDown = () => {
    superseded = true;
    log.error({}, "another server has started under this server's name: this one does no more jobs");
    for (const { letGo } of atWork.values()) letGo.abort();
  };
  const compare = async () => {
    const here = [...atWork];
    const own = await servers.ownJobs();
    const ownIds = new Set(own.map(({ id }) => id));
    for (const [id, { letGo }] of here) if (!ownIds.has(id)) letGo.abort();
    for (const { id, cancelRequested } of own) if (cancelRequested) atWork.get(id)?.cancel.abort();
    const notHere = own.map(({ id }) => id).filter((id) => !atWork.has(id));
    const lost = notHere.filter((id) => missing.has(id));
    missing = new Set(notHere);
    if (lost.length === 0) return;
    log.warn({ jobIds: lost }, "jobs of this server were not at work here; they go back into the queue");
    await servers.giveBack(lost);
  };

  return async () => {
    if (beating || superseded || stopping.aborted) return;
    beating = true;
    try {
      if (await servers.beat()) await compare();
      else if (!stopping.aborted) stepDown();
    } catch (err) {
      log.warn({ err }, "this server's beat did not reach the database");
    } finally {
      beating = false;
    }
  };
}
