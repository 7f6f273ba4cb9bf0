"use client";
import { Skeleton } from "@mantine/core";
import { type Vps, vpsCan } from "@muster/model/vps";
import dynamic from "next/dynamic";
import { EmptyNotice } from "../ui/notice.tsx";

const VpsTerminal = dynamic(() => import("../terminal/terminal.tsx").then((file) => file.VpsTerminal), {
  ssr: false,
  loading: () => <Skeleton height={320} />,
});

export function TerminalTab({ vps }: { vps: Vps }) {
  const permission = vpsCan.terminal(vps);
  if (permission.allowed) return <VpsTerminal vpsId={vps.id} />;
  return (
    <EmptyNotice title="No terminal now" icon="terminal">
      {permission.reason}
    </EmptyNotice>
  );
}
