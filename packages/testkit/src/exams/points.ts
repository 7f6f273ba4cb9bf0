/** The places of every operation at which something may go wrong: read from the registry, so that a new step is examined too. */
import type { Operation, StepOutline } from "@muster/control/operations/operation";
import { OPERATIONS } from "@muster/control/operations/registry";
import type { Moment } from "@muster/control/operations/run-job";
import { type JobKind, jobKindSchema } from "@muster/model/job";

export type Point = Omit<Moment, "jobId">;

export const KINDS: readonly JobKind[] = Object.keys(OPERATIONS).map((kind) => jobKindSchema.parse(kind));

export const labelOf = ({ kind, step, direction, moment }: Point): string =>
  `${kind}: ${step}${direction === "undo" ? " taken back" : ""}, ${moment}`;

const stepsOf = (kind: JobKind): readonly StepOutline[] => {
  const operation: Operation = OPERATIONS[kind];
  return operation.steps;
};

/** Every step that the job itself does, at each of these moments. */
export function forwardPoints(moments: readonly Moment["moment"][]): Point[] {
  return KINDS.flatMap((kind) =>
    stepsOf(kind)
      .filter(({ doneBefore }) => !doneBefore)
      .flatMap(({ name: step }) => moments.map((moment) => ({ kind, step, direction: "do" as const, moment }))),
  );
}

/**
 * Steps that are one transaction of the database and nothing else: it is done or it is not, and a database that does not
 * say so is asked until it does. They cannot fail after their work.
 */
const ONE_TRANSACTION = new Set(["node.remove forget", "vps.delete release"]);

/** Every step that the job does, failing before its work, and where that can be, after it. */
export function failures(): Point[] {
  return forwardPoints(["before", "done"]).filter(
    ({ kind, step, moment }) => moment === "before" || !ONE_TRANSACTION.has(`${kind} ${step}`),
  );
}

/** The last step whose failure takes everything back; null where there is only forward. */
function turningPoint(kind: JobKind): string | null {
  const steps = stepsOf(kind);
  const commit = steps.findIndex(({ commits }) => commits);
  const last = steps[commit === -1 ? steps.length - 1 : commit];
  return last === undefined || last.doneBefore ? null : last.name;
}

/** The steps that are taken back when the turning point fails. */
function undosOf(kind: JobKind): string[] {
  const turning = turningPoint(kind);
  const steps = stepsOf(kind);
  const until = steps.findIndex(({ name }) => name === turning);
  return steps.flatMap(({ name, undoable }, index) => (undoable && index <= until ? [name] : []));
}

export function undoPoints(moments: readonly Moment["moment"][]): Point[] {
  return KINDS.flatMap((kind) => {
    const turning = turningPoint(kind);
    // That it was taken back is not recorded of the step that failed: it stays `failed` in the history.
    const recorded = (step: string, moment: Moment["moment"]) => step !== turning || moment !== "recorded";
    return undosOf(kind).flatMap((step) =>
      moments
        .filter((moment) => recorded(step, moment))
        .map((moment) => ({ kind, step, direction: "undo" as const, moment })),
    );
  });
}

/** Kinds of which something can be taken back. */
export const UNDOABLE = KINDS.filter((kind) => undosOf(kind).length > 0);

/** Whether a failure now takes everything back: as late as that can be. */
export function turnsBack({ kind, step, direction, moment }: Moment): boolean {
  const late = ONE_TRANSACTION.has(`${kind} ${step}`) ? "before" : "done";
  return step === turningPoint(kind) && direction === "do" && moment === late;
}

export const isAt = (moment: Moment, point: Point): boolean =>
  moment.step === point.step && moment.direction === point.direction && moment.moment === point.moment;
