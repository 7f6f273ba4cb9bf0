"use client";
import { Skeleton, Stack } from "@mantine/core";
import type { Pressed } from "@muster/model/limits/preview";
import Link from "next/link";
import { paths } from "../paths.ts";
import { FailedQuery } from "../trpc/failed-query.tsx";
import { Icon } from "../ui/icon.tsx";
import { HeadroomMeter } from "./headroom-meter.tsx";
import type { useLimitsPreview } from "./preview.ts";
import classes from "./preview-panel.module.css";
import type { PreviewedNode } from "./preview-parts.ts";

/** What the change would mean for the nodes and for the neighbours there. */
export function PreviewPanel({ preview }: { preview: ReturnType<typeof useLimitsPreview> }) {
  const { query, current } = preview;
  if (query.isPending) {
    return (
      <Stack gap="sm" role="status" aria-label="Loading the figures of the node">
        <Skeleton height={40} />
        <Skeleton height={40} />
        <Skeleton height={40} />
      </Stack>
    );
  }
  if (query.isError) return <FailedQuery what="The preview" error={query.error} onRetry={() => void query.refetch()} />;
  return (
    <div className={classes.preview} data-older={!current || undefined} aria-busy={!current}>
      {[...query.data.nodes].sort(byName).map((node) => (
        <NodePreview key={node.nodeId} node={node} />
      ))}
    </div>
  );
}

const byName = (one: PreviewedNode, other: PreviewedNode) => one.nodeName.localeCompare(other.nodeName);

function NodePreview({ node }: { node: PreviewedNode }) {
  return (
    <section className={classes.node} aria-label={`Node ${node.nodeName}`}>
      <h3 className={classes.name}>Promised on {node.nodeName}</h3>
      {node.headroom.map((headroom) => (
        <HeadroomMeter key={headroom.resource} headroom={headroom} />
      ))}
      {node.headroom.length === 0 && <p className={classes.quiet}>The node has not said yet what it has.</p>}
      {node.pressed === null ? (
        <p className={classes.quiet}>
          Which neighbours would be pressed is not known: that is only asked of up to 500 VPSs of one node at once.
        </p>
      ) : (
        node.pressed.length > 0 && <PressedList pressed={node.pressed} />
      )}
    </section>
  );
}

function PressedList({ pressed }: { pressed: readonly Pressed[] }) {
  return (
    <div className={classes.pressed}>
      <p className={classes.warning}>
        <Icon name="warning" size={14} />
        {pressed.length === 1 ? "A neighbour would be pressed" : `${pressed.length} neighbours would be pressed`}
      </p>
      <ul className={classes.list}>
        {pressed.map(({ vpsId, name, resource, reason }) => (
          <li key={`${vpsId}/${resource}`}>
            <Link prefetch={false} href={paths.vps(vpsId)}>
              {name}
            </Link>
            : {reason}
          </li>
        ))}
      </ul>
    </div>
  );
}
