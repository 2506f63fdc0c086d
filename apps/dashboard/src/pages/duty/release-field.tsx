import type { ReactElement } from "react";

/** Which release is meant, of what is owed for each. */
export function ReleaseField({
  value,
  onChange,
}: {
  readonly value: string;
  readonly onChange: (release: string) => void;
}): ReactElement {
  return (
    <label className="field">
      Of which release
      <input value={value} maxLength={20} required onChange={({ target }) => onChange(target.value)} />
    </label>
  );
}
