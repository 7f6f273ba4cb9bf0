"use client";
import { UnstyledButton } from "@mantine/core";
import { formatShare, promisable } from "@muster/model/limits/overcommit";
import { LIMITS, type LimitName } from "@muster/model/limits/registry";
import type { NodeDetail } from "@muster/model/node";
import { useState } from "react";
import { fieldOf, withField } from "../limits/draft.ts";
import { OTHER_LIMITS, PRIMARY_LIMITS } from "../limits/groups.ts";
import { LimitField } from "../limits/limit-field.tsx";
import { Icon } from "../ui/icon.tsx";
import { outOfReach } from "./create-draft.ts";
import classes from "./create-form.module.css";
import type { CreateFields } from "./create-placement.tsx";

/** What the node still has, so that nobody has to guess. */
function leftOn(node: NodeDetail | null, name: LimitName): string | null {
  const resource = LIMITS[name].shares;
  if (resource === null || node === null || node.shares === null) return null;
  const { capacity, promised } = node.shares;
  const left = Math.max(0, promisable(capacity[resource], node.overcommit[resource]) - promised[resource]);
  return `${formatShare(resource, left)} left to promise on ${node.name}, which has ${formatShare(resource, capacity[resource])}.`;
}

export function ResourceFields(props: CreateFields) {
  const [opened, setOpened] = useState(false);
  // What is wrong must be in sight.
  const open = opened || OTHER_LIMITS.some((name) => props.errors[name] !== undefined);
  return (
    <>
      {PRIMARY_LIMITS.map((name) => (
        <ResourceField key={name} {...props} name={name} />
      ))}
      <UnstyledButton className={classes.more} aria-expanded={open} onClick={() => setOpened(!open)}>
        <Icon name={open ? "chevronDown" : "chevronRight"} size={12} /> More limits
      </UnstyledButton>
      {open && OTHER_LIMITS.map((name) => <ResourceField key={name} {...props} name={name} />)}
    </>
  );
}

function ResourceField({ name, draft, errors, onChange, node }: CreateFields & { name: LimitName }) {
  const reason = outOfReach(node, name);
  const initial = fieldOf(name, LIMITS[name].initial);
  const left = leftOn(node, name);
  return (
    <LimitField
      name={name}
      field={(reason === null ? draft.limits[name] : undefined) ?? initial}
      onChange={(field) => onChange({ limits: withField(draft.limits, name, field) })}
      error={errors[name] ?? null}
      disabledReason={reason}
      note={left === null ? null : <p>{left}</p>}
    />
  );
}
