/**
 * At every start of the agent: what runs goes on untouched and is known again; what a crash left half-made or
 * half-deleted is removed (whoever asked retries with the same key, and makes it anew).
 */
import { putBack } from "./configure.ts";
import { removeAll } from "./delete.ts";
import { type Desk, look } from "./desk.ts";
import { type Placement, planOf } from "./placement.ts";
import type { Log } from "./placements.ts";

/** Each waits for four processes in turn (nft, tc, the native helper twice), and nobody is served until all are done. */
const AT_ONCE = 4;

export async function recover(desk: Desk, log: Log): Promise<void> {
  const waiting = desk.book.placements().values();
  const work = async () => {
    for (const placement of waiting) await recoverOrLog(desk, placement, log);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
}

/** One VPS that cannot be mended must not keep the agent from serving the others. */
async function recoverOrLog(desk: Desk, placement: Placement, log: Log): Promise<void> {
  const { vpsId } = placement;
  try {
    await recoverOne(desk, placement, log);
  } catch (error) {
    desk.unsure.add(vpsId);
    log({ level: "error", message: "a VPS could not be recovered", vpsId, error });
  }
}

async function recoverOne(desk: Desk, placement: Placement, log: Log): Promise<void> {
  const { vpsId, phase } = placement;
  if (phase !== "made") {
    log({ level: "warn", message: `removing a VPS that a crash left ${phase}`, vpsId });
    await removeAll(desk, vpsId);
    await desk.book.write([{ type: "gone", vpsId }]);
    return;
  }
  const found = await desk.engine.containers.inspect(vpsId);
  if (found.state === "half") {
    log({ level: "warn", message: "clearing away a run that had ended or had never begun", vpsId });
    await desk.engine.containers.remove(vpsId);
  }
  const status = await look(desk, vpsId);
  log({ level: "info", message: `found a VPS: ${status?.state}`, vpsId });
  if (found.state === "running") await desk.engine.network.protect(planOf(placement));
  // A crash in the middle of a change left some limits new and some old, or the new name with the old limits; a flushed
  // firewall or link took some away.
  await putBack(desk, placement, found.state === "running");
}
