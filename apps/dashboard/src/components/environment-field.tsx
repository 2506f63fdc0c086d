import { useQuery } from "@tanstack/react-query";
import type { ReactElement } from "react";
import { asked } from "../api/answers.ts";

/** Which environment something is for; "" stands for no single one of them. */
export function EnvironmentField({
  label,
  none,
  value,
  onChange,
}: {
  readonly label: string;
  /** What no single one means here. */
  readonly none: string;
  readonly value: string;
  readonly onChange: (environment: string) => void;
}): ReactElement {
  const status = useQuery(asked("status", {}));
  return (
    <label className="field">
      {label}
      <select value={value} onChange={({ target }) => onChange(target.value)}>
        <option value="">{none}</option>
        {(status.data?.environments ?? []).map(({ name }) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}
