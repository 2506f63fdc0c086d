import type { ReactElement } from "react";

/** How long something holds, in days; 0 for what is no number. */
export function DayCountField({
  days,
  onChange,
}: {
  readonly days: number;
  readonly onChange: (days: number) => void;
}): ReactElement {
  return (
    <label className="field">
      For how many days
      <input
        type="number"
        min={1}
        max={365}
        value={days}
        onChange={({ target }) => onChange(Math.trunc(target.valueAsNumber) || 0)}
      />
    </label>
  );
}
