"use client";
/** The actions of one VPS, with what they do here. The list itself stands in action-list.ts. */
import type { Vps } from "@muster/model/vps";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import dynamic from "next/dynamic";
import { useRouter } from "next/navigation";
import { type ReactNode, useState } from "react";
import { paths } from "../paths.ts";
import { useTRPC } from "../trpc/client.tsx";
import { errorViewOf } from "../trpc/error-view.ts";
import { showToast } from "../ui/toasts.tsx";
import { actionsOn, type VpsAction } from "./action-list.ts";

const DeleteDialog = dynamic(() => import("./delete-dialog.tsx").then((file) => file.DeleteDialog), { ssr: false });
const RenameDialog = dynamic(() => import("./rename-dialog.tsx").then((file) => file.RenameDialog), { ssr: false });

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

type Asking = { dialog: "delete" | "rename"; vps: Vps };

export function useVpsActions(): { actionsFor: (vps: Vps) => VpsAction[]; dialog: ReactNode } {
  const router = useRouter();
  const { start, stop, restart } = useVpsMutations();
  const [asking, setAsking] = useState<Asking | null>(null);

  const actionsFor = (vps: Vps) =>
    actionsOn(vps, {
      start: () => start.mutate({ vpsId: vps.id }),
      stop: () => stop.mutate({ vpsId: vps.id }),
      restart: () => restart.mutate({ vpsId: vps.id }),
      setLimits: () => router.push(paths.vps(vps.id, "resources")),
      terminal: () => router.push(paths.vps(vps.id, "terminal")),
      rename: () => setAsking({ dialog: "rename", vps }),
      delete: () => setAsking({ dialog: "delete", vps }),
    });
  return { actionsFor, dialog: asking === null ? null : <Dialog {...asking} onClose={() => setAsking(null)} /> };
}

function Dialog({ dialog, vps, onClose }: Asking & { onClose: () => void }) {
  return dialog === "delete" ? (
    <DeleteDialog vps={vps} onClose={onClose} />
  ) : (
    <RenameDialog vps={vps} onClose={onClose} />
  );
}
