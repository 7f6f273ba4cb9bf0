"use client";
/** Every limit of a VPS, with what a change of them would mean, and what became of the last one. One "Apply" for all. */
import { Stack } from "@mantine/core";
import { LIMITS, type LimitName } from "@muster/model/limits/registry";
import { limitFinding } from "@muster/model/node";
import type { Vps } from "@muster/model/vps";
import { useQuery } from "@tanstack/react-query";
import { FormError } from "../form/form-error.tsx";
import { ApplyButton } from "../limits/apply-button.tsx";
import { fieldOf } from "../limits/draft.ts";
import { JobOutcome } from "../limits/job-outcome.tsx";
import { LimitFields } from "../limits/limit-fields.tsx";
import { PreviewPanel } from "../limits/preview-panel.tsx";
import { UntilField } from "../limits/until-field.tsx";
import { formatLimit, limitInWords } from "../limits/value.ts";
import { usePollMs } from "../shell/attended.ts";
import { useTRPC } from "../trpc/client.tsx";
import { errorViewOf } from "../trpc/error-view.ts";
import { Panel } from "../ui/panel.tsx";
import { FieldsWhenReady } from "../ui/until-ready.tsx";
import { LimitNote } from "./limit-note.tsx";
import classes from "./limits-form.module.css";
import { type LimitsFormState, useLimitsForm } from "./limits-form-state.ts";

/** What the kernel of the node says, while the VPS runs: of one that does not it holds nothing, whatever it said before. */
function useKernelLimits(vps: Vps) {
  const trpc = useTRPC();
  const running = vps.state === "running";
  const query = useQuery(
    trpc.vps.readLimits.queryOptions({ vpsId: vps.id }, { enabled: running, refetchInterval: 15_000 }),
  );
  return running ? { held: query.data, error: query.error } : { held: undefined, error: null };
}

export function LimitsForm({ vps }: { vps: Vps }) {
  const form = useLimitsForm(vps);
  const kernel = useKernelLimits(vps);
  const trpc = useTRPC();
  const repair = { refetchInterval: usePollMs() };
  const node = useQuery(trpc.nodes.get.queryOptions({ nodeId: vps.nodeId }, repair));
  const pending = useQuery(trpc.vps.timedChanges.queryOptions({ vpsId: vps.id }, repair));
  const outOfReach = (name: LimitName) => {
    if (node.data === undefined) return null;
    const finding = limitFinding(node.data.inventory, name);
    return finding.available ? null : finding.detail;
  };
  return (
    <form
      className={classes.form}
      noValidate
      aria-label={`Limits of ${vps.spec.name}`}
      onSubmit={(event) => {
        event.preventDefault(); // the button acts, and says why when it does not
      }}
    >
      <FieldsWhenReady>
        <div className={classes.columns}>
          <div className={classes.fields}>
            {kernel.error !== null && (
              <p className={classes.unread}>
                What the kernel holds could not be read: {errorViewOf(kernel.error).message}
              </p>
            )}
            <LimitFields
              draft={form.draft}
              onDraft={form.setDraft}
              standing={(name) => fieldOf(name, vps.spec.limits[name])}
              changed={form.changed}
              nowText={(name) => `now ${limitInWords(name, vps.spec.limits[name])}`}
              errors={form.errors}
              disabledReason={outOfReach}
              note={(name) => (
                <LimitNote name={name} vps={vps} kernel={kernel.held} timed={pending.data?.items ?? []} />
              )}
            />
          </div>
          <aside className={classes.side} aria-label="Apply the changes">
            <ApplyPanel form={form} vps={vps} />
          </aside>
        </div>
      </FieldsWhenReady>
    </form>
  );
}

const APPLIED_RUNNING = "Applied and read back; the VPS went on meanwhile.";
const APPLIED_STOPPED = "Applied; the VPS is stopped and runs with it from its next start.";

function ApplyPanel({ form, vps }: { form: LimitsFormState; vps: Vps }) {
  const { changed, until, setUntil, refusal, job } = form;
  return (
    <Panel title={changed.length === 0 ? "The node now" : "What it would mean"}>
      <Stack gap="md">
        <PreviewPanel preview={form.preview} />
        {changed.length > 0 && (
          <>
            <ul className={classes.changes} aria-label="Changes">
              {changed.map((name) => (
                <li key={name}>
                  {LIMITS[name].title}{" "}
                  <span className={classes.from}>{formatLimit(name, vps.spec.limits[name])} →</span>{" "}
                  <strong>{formatLimit(name, form.change[name] ?? null)}</strong>
                  {form.errors[name] !== undefined && <p className={classes.refused}>{form.errors[name]}</p>}
                </li>
              ))}
            </ul>
            <UntilField until={until} onChange={setUntil} back={form.backText} />
          </>
        )}
        {refusal !== null && <FormError>{refusal}</FormError>}
        <ApplyButton until={until} loading={form.isPending} disabledReason={form.disabledReason} onPress={form.apply}>
          {changed.length > 1 ? `Apply ${changed.length} changes` : "Apply"}
        </ApplyButton>
        {job !== undefined && (
          <JobOutcome job={job} done={vps.state === "stopped" ? APPLIED_STOPPED : APPLIED_RUNNING} />
        )}
      </Stack>
    </Panel>
  );
}
