import type { useLimitsPreview } from "../limits/preview.ts";
import { vpsCount } from "./action-list.ts";
import classes from "./bulk-confirm-dialog.module.css";

const NAMED_AT_MOST = 5;

/** Which of many would be refused as things stand, and why; the others are not held up by them. */
export function RefusedInPreview({ preview, asked }: { preview: ReturnType<typeof useLimitsPreview>; asked: number }) {
  const refused = (preview.query.data?.vps ?? []).flatMap(({ vpsId, name, refusal }) =>
    refusal === null ? [] : [{ vpsId, name, refusal }],
  );
  if (refused.length === 0 || !preview.current) return null;
  const rest = refused.length - NAMED_AT_MOST;
  return (
    <div className={classes.refused}>
      <p>
        {refused.length.toLocaleString("en-GB")} of {vpsCount(asked)} would be refused:
      </p>
      <ul className={classes.reasons}>
        {refused.slice(0, NAMED_AT_MOST).map(({ vpsId, name, refusal }) => (
          <li key={vpsId}>
            <strong>{name}</strong>: {refusal.message}
          </li>
        ))}
        {rest > 0 && <li>and {rest.toLocaleString("en-GB")} more</li>}
      </ul>
    </div>
  );
}
