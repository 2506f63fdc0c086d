import type { ReactElement } from "react";

/** Where a list is searched; `/` leads to it. */
export function SearchField({
  label,
  value,
  onChange,
}: {
  readonly label: string;
  readonly value: string;
  readonly onChange: (text: string) => void;
}): ReactElement {
  return (
    <input
      type="search"
      className="input search-field"
      aria-label={label}
      placeholder={label}
      maxLength={120}
      data-search
      value={value}
      onChange={({ target }) => onChange(target.value)}
    />
  );
}
