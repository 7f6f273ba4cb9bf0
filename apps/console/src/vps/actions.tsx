"use client";
/**
 * What can be done with a VPS: one list that serves the page's buttons, the table's menus and the command palette.
 * Whether it may be done is the model's rule (`vpsCan`); what may not be done stays visible, with the reason.
 */
import type { Permission } from "@muster/model/permission";
import { type Vps, vpsCan } from "@muster/model/vps";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import dynamic from "next/dynamic";
import { useRouter } from "next/navigation";
import { type ReactNode, useState } from "react";
import { paths } from "../paths.ts";
import { useTRPC } from "../trpc/client.tsx";
import { errorViewOf } from "../trpc/error-view.ts";
import type { IconName } from "../ui/icon.tsx";
import { showToast } from "../ui/toasts.tsx";

const DeleteDialog = dynamic(() => import("./delete-dialog.tsx").then((file) => file.DeleteDialog), { ssr: false });

export interface VpsAction {
  label: "Start" | "Stop" | "Restart" | "Terminal" | "Delete";
  icon: IconName;
  disabledReason: string | null;
  danger: boolean;
  run: () => void;
}

function reasonOf(permission: Permission): string | null {
  return permission.allowed ? null : permission.reason;
}

function useVpsMutations() {
  const trpc = useTRPC();
  const cache = useQueryClient();
  const told = (verb: string) => ({
    onSuccess: () => {
      void cache.invalidateQueries(trpc.vps.pathFilter());
      void cache.invalidateQueries(trpc.jobs.list.pathFilter());
    },
    onError: (error: unknown) =>
      showToast({ kind: "failed", title: `${verb} was refused`, text: errorViewOf(error).message }),
  });
  return {
    start: useMutation(trpc.vps.start.mutationOptions(told("Start"))),
    stop: useMutation(trpc.vps.stop.mutationOptions(told("Stop"))),
    restart: useMutation(trpc.vps.restart.mutationOptions(told("Restart"))),
  };
}

export function useVpsActions(): { actionsFor: (vps: Vps) => VpsAction[]; dialog: ReactNode } {
  const router = useRouter();
  const { start, stop, restart } = useVpsMutations();
  const [deleting, setDeleting] = useState<Vps | null>(null);

  const actionsFor = (vps: Vps): VpsAction[] => [
    {
      label: "Start",
      icon: "play",
      danger: false,
      disabledReason: reasonOf(vpsCan.start(vps)),
      run: () => start.mutate({ vpsId: vps.id }),
    },
    {
      label: "Stop",
      icon: "stop",
      danger: false,
      disabledReason: reasonOf(vpsCan.stop(vps)),
      run: () => stop.mutate({ vpsId: vps.id }),
    },
    {
      label: "Restart",
      icon: "restart",
      danger: false,
      disabledReason: reasonOf(vpsCan.restart(vps)),
      run: () => restart.mutate({ vpsId: vps.id }),
    },
    {
      label: "Terminal",
      icon: "terminal",
      danger: false,
      disabledReason: reasonOf(vpsCan.terminal(vps)),
      run: () => router.push(paths.vps(vps.id, "terminal")),
    },
    {
      label: "Delete",
      icon: "trash",
      danger: true,
      disabledReason: reasonOf(vpsCan.delete(vps)),
      run: () => setDeleting(vps),
    },
  ];
  return {
    actionsFor,
    dialog: deleting === null ? null : <DeleteDialog vps={deleting} onClose={() => setDeleting(null)} />,
  };
}
