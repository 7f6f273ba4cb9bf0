"use client";
/** Applies a change of limits. The clock ticks in here alone: the form around it has dozens of fields. */
import { ActionButton } from "../ui/action-button.tsx";
import { useNow } from "../ui/clock.ts";
import { type LocalTime, untilError } from "./until.ts";

interface ApplyButtonProps {
  children: string;
  until: LocalTime | null;
  disabledReason: string | null;
  loading?: boolean;
  onPress: () => void;
}

export function ApplyButton({ until, disabledReason, loading = false, ...button }: ApplyButtonProps) {
  const nowMs = useNow();
  const late = until === null ? null : untilError(until, nowMs);
  return <ActionButton type="submit" loading={loading} disabledReason={disabledReason ?? late} {...button} />;
}
