import classes from "./select-box.module.css";
import type { Extent } from "./selection.ts";

interface SelectBoxProps {
  label: string;
  extent: Extent;
  onToggle: (shift: boolean) => void;
}

/** The browser's own box: a thousand rows scroll by, and one of a component library costs more than all their cells. */
export function SelectBox({ label, extent, onToggle }: SelectBoxProps) {
  return (
    <input
      type="checkbox"
      className={classes.box}
      aria-label={label}
      checked={extent === "all"}
      ref={(box) => {
        if (box !== null) box.indeterminate = extent === "some";
      }}
      // With shift the browser would select the text between the two clicks.
      onMouseDown={(event) => event.shiftKey && event.preventDefault()}
      // A box changes by a click, also where that comes from the space bar: it knows of shift.
      onChange={({ nativeEvent }) => onToggle(nativeEvent instanceof MouseEvent && nativeEvent.shiftKey)}
    />
  );
}
