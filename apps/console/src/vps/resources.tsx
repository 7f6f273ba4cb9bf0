"use client";
import type { Vps } from "@muster/model/vps";
import { Allocations } from "./allocations.tsx";
import { LimitsForm } from "./limits-form.tsx";
import { TimedChanges } from "./timed-changes.tsx";

export function VpsResources({ vps }: { vps: Vps }) {
  return (
    <>
      <LimitsForm vps={vps} />
      <TimedChanges vpsId={vps.id} />
      <Allocations vps={vps} />
    </>
  );
}
