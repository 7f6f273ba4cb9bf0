"use client";
/**
 * The state of the form of limits: what was typed, until when, and the job that applies it. What is typed stays until
 * its job has succeeded, so that after a failure it is there to be tried again.
 */
import type { ErrorView } from "@muster/model/errors";
import { JOB_ENDED } from "@muster/model/job";
import { LIMITS, type LimitName, type Limits, type LimitsChange } from "@muster/model/limits/registry";
import { type Vps, vpsCan } from "@muster/model/vps";
import { useState } from "react";
import { isoOfLocal } from "../jobs/local-time.ts";
import { changeIn, differing, type LimitErrors, type LimitsDraft, limitAtFault, namesIn } from "../limits/draft.ts";
import { useJob } from "../limits/job-outcome.tsx";
import { useLimitsPreview } from "../limits/preview.ts";
import type { LocalTime } from "../limits/until.ts";
import { limitInWords } from "../limits/value.ts";
import { adviceFor, errorViewOf } from "../trpc/error-view.ts";
import { useSetLimits } from "./set-limits.ts";

const UNTOUCHED: LimitsDraft = {};
const NAMED_AT_MOST = 3;

/** "Memory 512 MiB, CPU cores 1 core" */
export function backText(names: readonly LimitName[], limits: Limits): string {
  if (names.length > NAMED_AT_MOST) return "what each of them is now";
  return names.map((name) => `${LIMITS[name].title} ${limitInWords(name, limits[name])}`).join(", ");
}

/** A refusal stands at its field where it names one, and above the button where it does not. */
function placed(refusal: ErrorView | null): { errors: LimitErrors; refusal: string | null } {
  if (refusal === null) return { errors: {}, refusal: null };
  const name = limitAtFault(refusal);
  if (name === null) return { errors: {}, refusal: `${refusal.message} ${adviceFor(refusal)}` };
  return { errors: { [name]: refusal.message }, refusal: null };
}

/** Why it was refused, as long as the very same is asked for. */
function refusalOf(mutation: ReturnType<typeof useSetLimits>, change: LimitsChange): ErrorView | null {
  const same = JSON.stringify(mutation.variables?.limits) === JSON.stringify(change);
  return mutation.isError && same ? errorViewOf(mutation.error) : null;
}

export type LimitsFormState = ReturnType<typeof useLimitsForm>;

export function useLimitsForm(vps: Vps) {
  const [typed, setTyped] = useState(UNTOUCHED);
  const [until, setUntil] = useState<LocalTime | null>(null);
  const [jobId, setJobId] = useState<string | null>(null);
  const job = useJob(jobId);
  const setLimits = useSetLimits();

  const done = job?.state === "succeeded";
  const draft = done ? UNTOUCHED : typed;
  const read = changeIn(draft);
  const change = differing(read.change, vps.spec.limits);
  const changed = namesIn(change);
  const preview = useLimitsPreview([vps], change);

  const foreseen = preview.current && changed.length > 0 ? (preview.query.data?.vps[0]?.refusal ?? null) : null;
  const { errors, refusal } = placed(refusalOf(setLimits, change) ?? foreseen);
  const permission = vpsCan.setLimits(vps);

  const disabledReason = (): string | null => {
    if (Object.keys(read.errors).length > 0) return "Correct the field that is marked.";
    if (changed.length === 0) return "Nothing is changed.";
    if (job !== undefined && !JOB_ENDED[job.state]) return "The last change is still being applied.";
    if (!permission.allowed) return permission.reason;
    return foreseen === null ? null : foreseen.message;
  };

  return {
    draft,
    /** The next thing typed after a change has been applied begins a new one. */
    setDraft: (next: LimitsDraft) => {
      setTyped(next);
      if (!done) return;
      setJobId(null);
      setUntil(null);
    },
    until: done ? null : until,
    setUntil,
    change,
    changed,
    errors: { ...errors, ...read.errors },
    refusal,
    preview,
    backText: backText(changed, vps.spec.limits),
    job,
    isPending: setLimits.isPending,
    disabledReason: disabledReason(),
    apply: () =>
      setLimits.mutate(
        { vpsId: vps.id, limits: change, until: until === null ? undefined : (isoOfLocal(until) ?? undefined) },
        { onSuccess: (started) => setJobId(started.jobId) },
      ),
  };
}
