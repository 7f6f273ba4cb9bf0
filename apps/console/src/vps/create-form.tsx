"use client";
/** Nothing typed is lost when the answer is no: the draft stays as it is, and each reason stands beside its field. */
import { Button, Checkbox, Group, Stack } from "@mantine/core";
import { skipToken, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { FormError } from "../form/form-error.tsx";
import { paths } from "../paths.ts";
import { useTRPC } from "../trpc/client.tsx";
import { adviceFor, errorViewOf } from "../trpc/error-view.ts";
import { Panel } from "../ui/panel.tsx";
import { type Chosen, type Draft, EMPTY_DRAFT, errorsOf, type FieldErrors, specOf } from "./create-draft.ts";
import classes from "./create-form.module.css";
import { PlacementFields } from "./create-placement.tsx";
import { ResourceFields } from "./create-resources.tsx";

/** What the person chose, else what the form suggests: the only node, its first template, its first free address. */
function useChosen(draft: Draft, fromUrl: string | null) {
  const trpc = useTRPC();
  const tree = useQuery(trpc.fleet.tree.queryOptions());
  const nodes = tree.data?.nodes.map(({ node }) => node) ?? [];
  const usable = nodes.filter((node) => node.health === "healthy");
  const nodeId = draft.nodeId ?? fromUrl ?? usable[0]?.id ?? null;
  const node = useQuery(trpc.nodes.get.queryOptions(nodeId === null ? skipToken : { nodeId }));
  const suggestion = useQuery(
    // A free address grows old: somebody else may take it.
    trpc.vps.suggestAddress.queryOptions(nodeId === null ? skipToken : { nodeId }, { staleTime: 0 }),
  );
  const templates = node.data?.templates ?? [];
  const kept = templates.some((template) => template.name === draft.template) ? draft.template : null;
  const chosen: Chosen = {
    nodeId,
    template: kept ?? templates[0]?.name ?? null,
    address: draft.address ?? suggestion.data?.address ?? null,
  };
  return { chosen, nodes, node: node.data ?? null, templates };
}

export function CreateForm({ nodeId: fromUrl }: { nodeId: string | null }) {
  const trpc = useTRPC();
  const cache = useQueryClient();
  const router = useRouter();
  const [draft, setDraft] = useState<Draft>(EMPTY_DRAFT);
  const [asked, setAsked] = useState(false);
  const [refusals, setRefusals] = useState<FieldErrors>({});
  const { chosen, nodes, node, templates } = useChosen(draft, fromUrl);
  const create = useMutation(
    trpc.vps.create.mutationOptions({
      onSuccess: ({ vpsId }) => {
        void cache.invalidateQueries(trpc.fleet.tree.pathFilter());
        void cache.invalidateQueries(trpc.vps.pathFilter());
        void cache.invalidateQueries(trpc.jobs.list.pathFilter());
        router.push(paths.vps(vpsId));
      },
      onError: (error) => {
        const view = errorViewOf(error);
        const found = errorsOf(view);
        setRefusals(found.form === undefined ? found : { form: `${found.form} ${adviceFor(view)}` });
      },
    }),
  );
  const result = specOf(draft, chosen, node);
  // Derived, not kept: what was wrong when it was sent may have come right since, as a node that has just been heard.
  const errors = asked && "errors" in result ? result.errors : refusals;
  const submit = () => {
    setAsked(true);
    setRefusals({});
    if ("errors" in result || chosen.nodeId === null) return;
    create.mutate({ nodeId: chosen.nodeId, spec: result.spec, start: draft.start });
  };
  const common = { draft, chosen, errors, onChange: (change: Partial<Draft>) => setDraft({ ...draft, ...change }) };

  return (
    <form
      className={classes.form}
      noValidate
      aria-label="Create VPS"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <Stack gap="md">
        {errors.form !== undefined && <FormError>{errors.form}</FormError>}
        <Panel title="What and where">
          <PlacementFields {...common} nodes={nodes} templates={templates} node={node} />
        </Panel>
        <Panel title="Resources" flush>
          <ResourceFields {...common} node={node} />
        </Panel>
        <Checkbox
          label="Start it when it is made"
          checked={draft.start}
          onChange={(event) => common.onChange({ start: event.currentTarget.checked })}
        />
        <Group gap="xs">
          <Button type="submit" size="sm" loading={create.isPending || create.isSuccess}>
            Create VPS
          </Button>
          <Button variant="default" size="sm" onClick={() => router.back()}>
            Cancel
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
