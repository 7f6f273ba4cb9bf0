/**
 * Why an orphan cannot be adopted as things are; null: it can. Of one VPS there may be copies on several nodes (a move
 * that was cut short leaves one): the highest epoch is the VPS, and where that is not certain nobody guesses.
 * What the node has promised is not asked: the VPS is there and has it.
 */
import { MusterError } from "@muster/model/errors";
import type { OrphanRow } from "./orphan-store.ts";

export function adoptRefusal(row: OrphanRow): MusterError | null {
  const { spec, status } = row.report;
  if (row.removing_job_id !== null) return new MusterError("state_conflict", `Node ${row.node_name} is being removed.`);
  if (row.network === null)
    return new MusterError("node_unreachable", `Node ${row.node_name} has not said yet what its network is.`);
  if (row.known_epoch !== null) return new MusterError("state_conflict", copySentence(row, row.known_epoch));
  if (row.newer_node !== null)
    return new MusterError(
      "state_conflict",
      `It is an old copy of epoch ${status.epoch}, or one of two: ${row.newer_node} has this VPS too.`,
    );
  if (row.name_taken) return new MusterError("name_taken", `There is another VPS ${spec.name}.`, { field: "name" });
  if (row.address_holder === null) return null;
  const taken = `${spec.address} belongs to ${row.address_holder}.`;
  return new MusterError("address_taken", taken, { field: "address" });
}

function copySentence({ known_node: node, report }: OrphanRow, knownEpoch: number): string {
  const { epoch } = report.status;
  if (epoch < knownEpoch) return `It is an old copy, of epoch ${epoch}: the VPS is on ${node}, at epoch ${knownEpoch}.`;
  return `The inventory has this VPS on ${node}, at epoch ${knownEpoch}; this copy says epoch ${epoch}. Look at both nodes.`;
}
