"use client";
/** How much of the node may be promised to its VPSs: nothing beyond what it has, or a ratio of it, for each resource. */
import { Group, NumberInput, Stack, Switch } from "@mantine/core";
import type { SharedResource } from "@muster/model/limits/limit";
import { promisable } from "@muster/model/limits/overcommit";
import type { NodeDetail } from "@muster/model/node";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { FormError } from "../form/form-error.tsx";
import { HeadroomMeter } from "../limits/headroom-meter.tsx";
import { RESOURCE_TITLE } from "../limits/resource-title.ts";
import { useTRPC } from "../trpc/client.tsx";
import { adviceFor, errorViewOf } from "../trpc/error-view.ts";
import { ActionButton } from "../ui/action-button.tsx";
import { Panel } from "../ui/panel.tsx";
import { showToast } from "../ui/toasts.tsx";
import classes from "./policy.module.css";
import { draftOf, isChanged, type PolicyErrors, policyOf, RESOURCES, ratioOf } from "./policy-draft.ts";

/** What happens when everybody takes what they were promised. */
const CONSEQUENCE = {
  cpu: "Past what it has, VPSs that are busy at once wait for each other.",
  memory: "Past what it has, the kernel kills processes when all of it is asked for.",
  disk: "Past what it has, writes fail when the pool is full.",
} as const satisfies Record<SharedResource, string>;

export function NodePolicy({ node }: { node: NodeDetail }) {
  const trpc = useTRPC();
  const cache = useQueryClient();
  const [draft, setDraft] = useState(() => draftOf(node.overcommit));
  const [errors, setErrors] = useState<PolicyErrors>({});
  const save = useMutation(
    trpc.nodes.setOvercommit.mutationOptions({
      onSuccess: () => {
        void cache.invalidateQueries(trpc.nodes.pathFilter());
        showToast({
          kind: "done",
          title: "Policy saved",
          text: `It holds for what is asked of ${node.name} from now on.`,
        });
      },
    }),
  );
  const failure = save.isError ? errorViewOf(save.error) : null;
  const submit = () => {
    const result = policyOf(draft);
    if ("errors" in result) return setErrors(result.errors);
    setErrors({});
    save.mutate({ nodeId: node.id, overcommit: result.overcommit });
  };
  return (
    <Panel title="Over-commit">
      <form
        aria-label="Over-commit"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          if (isChanged(draft, node.overcommit)) submit();
        }}
      >
        <Stack gap="lg">
          <p className={classes.intro}>
            What may be promised to VPSs here. It holds for what is asked from now on: what was promised already stays
            promised.
          </p>
          {failure !== null && (
            <FormError>
              {failure.message} {adviceFor(failure)}
            </FormError>
          )}
          {RESOURCES.map((resource) => (
            <ResourcePolicy
              key={resource}
              resource={resource}
              node={node}
              draft={draft[resource]}
              error={errors[resource] ?? null}
              onChange={(change) => setDraft({ ...draft, [resource]: { ...draft[resource], ...change } })}
            />
          ))}
          <Group>
            <ActionButton
              size="sm"
              loading={save.isPending}
              disabledReason={isChanged(draft, node.overcommit) ? null : "Nothing is changed."}
              onPress={submit}
            >
              Save policy
            </ActionButton>
          </Group>
        </Stack>
      </form>
    </Panel>
  );
}

interface ResourcePolicyProps {
  resource: SharedResource;
  node: NodeDetail;
  draft: { on: boolean; ratio: number | string };
  error: string | null;
  onChange: (change: { on?: boolean; ratio?: number | string }) => void;
}

function ResourcePolicy({ resource, node, draft, error, onChange }: ResourcePolicyProps) {
  const title = RESOURCE_TITLE[resource];
  return (
    <fieldset className={classes.resource} aria-label={title}>
      <div className={classes.rule}>
        <Switch
          label={`${title} beyond what it has`}
          description={draft.on ? CONSEQUENCE[resource] : "Off: no more is promised than there is."}
          checked={draft.on}
          onChange={(event) => onChange({ on: event.currentTarget.checked })}
        />
        {draft.on && (
          <NumberInput
            w={116}
            size="xs"
            aria-label={`${title}: ratio`}
            prefix="× "
            min={1}
            max={64}
            step={0.5}
            decimalScale={2}
            clampBehavior="none"
            value={draft.ratio}
            onChange={(ratio) => onChange({ ratio })}
            error={error}
          />
        )}
      </div>
      <Promised resource={resource} node={node} ratio={ratioOf(draft)} />
    </fieldset>
  );
}

function Promised({ resource, node, ratio }: { resource: SharedResource; node: NodeDetail; ratio: number | null }) {
  if (node.shares === null) return <p className={classes.intro}>What it has is not reported yet.</p>;
  const capacity = node.shares.capacity[resource];
  const promised = node.shares.promised[resource];
  return (
    <HeadroomMeter
      headroom={{
        resource,
        capacity,
        promisable: promisable(capacity, ratio),
        promisedBefore: promised,
        promisedAfter: promised,
        used: null,
      }}
    />
  );
}
