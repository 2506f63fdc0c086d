import type { ReactElement } from "react";

/** A password that somebody has, or is given. */
export function PasswordField({
  label,
  kept,
  value,
  onChange,
}: {
  readonly label: string;
  /** Whether a browser offers the one that it keeps, or proposes another. */
  readonly kept: "current-password" | "new-password";
  readonly value: string;
  readonly onChange: (password: string) => void;
}): ReactElement {
  return (
    <label className="field">
      {label}
      <input
        type="password"
        value={value}
        required
        autoComplete={kept}
        onChange={({ target }) => onChange(target.value)}
      />
    </label>
  );
}
