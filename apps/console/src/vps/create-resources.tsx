"use client";
import { NumberInput } from "@mantine/core";
import { formatBytes } from "@muster/model/units";
import classes from "./create-form.module.css";
import type { CreateFields } from "./create-placement.tsx";

/** What the node still has, so that nobody has to guess. */
function memoryHint(node: CreateFields["node"]): string {
  if (node === null || node.memoryBytes === null) return "Its limit; what it does not use stays free.";
  const left = Math.max(0, node.memoryBytes - node.memoryAllocatedBytes);
  return `${formatBytes(left)} of ${formatBytes(node.memoryBytes)} not promised yet.`;
}

function diskHint(node: CreateFields["node"]): string {
  const pool = node?.inventory?.pool ?? null;
  if (pool === null) return "The template does not count.";
  return `${formatBytes(pool.sizeBytes - pool.usedBytes)} free in the pool; the template does not count.`;
}

export function ResourceFields({ draft, errors, onChange, node }: CreateFields) {
  return (
    <div className={classes.grid}>
      <NumberInput
        label="CPU (cores)"
        description={node?.cores ? `The node has ${node.cores}. 0.5 is half of one.` : "0.5 is half of one."}
        min={0.1}
        step={0.5}
        decimalScale={2}
        clampBehavior="none"
        value={draft.cpuCores}
        onChange={(cpuCores) => onChange({ cpuCores })}
        error={errors.cpuCores}
      />
      <NumberInput
        label="Memory (MiB)"
        description={memoryHint(node)}
        min={16}
        step={64}
        clampBehavior="none"
        allowDecimal={false}
        thousandSeparator=","
        value={draft.memoryMib}
        onChange={(memoryMib) => onChange({ memoryMib })}
        error={errors.memoryBytes}
      />
      <NumberInput
        label="Disk (GiB)"
        description={diskHint(node)}
        min={0}
        step={1}
        decimalScale={3}
        clampBehavior="none"
        thousandSeparator=","
        value={draft.diskGib}
        onChange={(diskGib) => onChange({ diskGib })}
        error={errors.diskBytes}
      />
      <NumberInput
        label="Processes (at most)"
        description="Keeps a runaway program from taking the node with it."
        min={16}
        step={64}
        clampBehavior="none"
        allowDecimal={false}
        thousandSeparator=","
        value={draft.pidsMax}
        onChange={(pidsMax) => onChange({ pidsMax })}
        error={errors.pidsMax}
      />
    </div>
  );
}
