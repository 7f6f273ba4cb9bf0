import type { Nic } from "@muster/model/node";
import { formatBitsPerSecond } from "@muster/model/units";
import type { ReactNode } from "react";
import { Facts, NotReported } from "../ui/facts.tsx";
import { EmptyNotice } from "../ui/notice.tsx";
import { Panel } from "../ui/panel.tsx";
import { StateMark } from "../ui/state-mark.tsx";
import classes from "./nics.module.css";

function reported(value: string | number | null): ReactNode {
  return value ?? <NotReported />;
}

function LinkState({ up }: { up: boolean | null }) {
  if (up === null) return <StateMark tone="unknown" label="link not reported" />;
  return up ? <StateMark tone="running" label="link up" /> : <StateMark tone="stopped" label="link down" />;
}

export function Nics({ nics }: { nics: readonly Nic[] }) {
  if (nics.length === 0) {
    return (
      <EmptyNotice title="No NIC was found" icon="node">
        The agent found no network interface on this node.
      </EmptyNotice>
    );
  }
  return nics.map((nic) => <NicPanel key={nic.name} nic={nic} />);
}

function NicPanel({ nic }: { nic: Nic }) {
  const speed = nic.speedBitsPerSecond === null ? null : formatBitsPerSecond(nic.speedBitsPerSecond);
  return (
    <Panel title={`${nic.name} (${nic.kind})`} aside={<LinkState up={nic.linkUp} />}>
      <Facts
        items={[
          ["Speed", reported(speed)],
          ["Duplex", reported(nic.duplex)],
          ["MTU", `${nic.mtuBytes} bytes`],
          ["MAC", reported(nic.mac)],
          ["Addresses", nic.addresses.length === 0 ? "none" : nic.addresses.join(", ")],
          ["Member of", nic.master ?? "nothing"],
          ["Driver", reported([nic.driver, nic.driverVersion].filter((part) => part !== null).join(" ") || null)],
          ["Firmware", reported(nic.firmwareVersion)],
          ["Bus address", reported(nic.busAddress)],
          ["Queues (receive, send)", reported(queuesText(nic))],
          ["Errors (received, sent)", pair(nic.rxErrors, nic.txErrors)],
          ["Dropped (received, sent)", pair(nic.rxDropped, nic.txDropped)],
          ["CRC errors", reported(nic.rxCrcErrors)],
          ["Collisions", reported(nic.collisions)],
          ["Carrier changes", reported(nic.carrierChanges)],
        ]}
      />
      <Offloads nic={nic} />
    </Panel>
  );
}

function queuesText({ rxQueues, txQueues }: Nic): string | null {
  return rxQueues === null || txQueues === null ? null : `${rxQueues}, ${txQueues}`;
}

function pair(received: number | null, sent: number | null): ReactNode {
  if (received === null && sent === null) return <NotReported />;
  return `${received ?? "not reported"}, ${sent ?? "not reported"}`;
}

function Offloads({ nic }: { nic: Nic }) {
  if (nic.offloads === null) {
    return (
      <p className={classes.offloads}>
        Offloads: <NotReported />
      </p>
    );
  }
  const on = nic.offloads.filter((offload) => offload.on);
  return (
    <details className={classes.offloads}>
      <summary>
        {on.length} of {nic.offloads.length} offloads are on
      </summary>
      <ul className={classes.list} aria-label={`Offloads of ${nic.name}`}>
        {nic.offloads.map((offload) => (
          <li key={offload.name} data-on={offload.on || undefined}>
            {offload.name}: {offload.on ? "on" : "off"}
            {offload.fixed && " (fixed)"}
          </li>
        ))}
      </ul>
    </details>
  );
}
