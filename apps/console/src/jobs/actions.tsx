"use client";
/**
 * What can be done with a job: one list that serves the task panel's rows and the job's page. Whether it may be done is the
 * model's rule (`jobCan`); what may not be done stays visible, with the reason.
 */
import { type Job, jobCan } from "@muster/model/job";
import type { Permission } from "@muster/model/permission";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTRPC } from "../trpc/client.tsx";
import { errorViewOf } from "../trpc/error-view.ts";
import type { IconName } from "../ui/icon.tsx";
import { showToast } from "../ui/toasts.tsx";

export interface JobAction {
  label: "Cancel" | "Retry";
  icon: IconName;
  disabledReason: string | null;
  pending: boolean;
  run: () => void;
}

function reasonOf(permission: Permission): string | null {
  return permission.allowed ? null : permission.reason;
}

/** @param onRetried told the id of the job that tries it again: a stuck one goes on under its own. */
export function useJobActions(job: Job, onRetried?: (jobId: string) => void): { cancel: JobAction; retry: JobAction } {
  const trpc = useTRPC();
  const cache = useQueryClient();
  const reread = () => cache.invalidateQueries(trpc.jobs.pathFilter());
  const refused = (verb: string) => (error: unknown) =>
    showToast({ kind: "failed", title: `${verb} was refused`, text: errorViewOf(error).message });
  const cancel = useMutation(
    trpc.jobs.cancel.mutationOptions({ onSuccess: () => void reread(), onError: refused("Cancel") }),
  );
  const retry = useMutation(
    trpc.jobs.retry.mutationOptions({
      onSuccess: ({ jobId }) => {
        void reread();
        onRetried?.(jobId);
      },
      onError: refused("Retry"),
    }),
  );
  return {
    cancel: {
      label: "Cancel",
      icon: "close",
      disabledReason: reasonOf(jobCan.cancel(job)),
      pending: cancel.isPending,
      run: () => cancel.mutate({ jobId: job.id }),
    },
    retry: {
      label: "Retry",
      icon: "restart",
      disabledReason: reasonOf(jobCan.retry(job)),
      pending: retry.isPending,
      run: () => retry.mutate({ jobId: job.id }),
    },
  };
}
