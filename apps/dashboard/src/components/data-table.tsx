import type { ReactElement, ReactNode } from "react";

/** A table that scrolls for itself where it is wider than the page, also by the keyboard. */
export function DataTable({
  label,
  head,
  withActions = false,
  children,
}: {
  readonly label: string;
  readonly head: readonly string[];
  /** Whether each row ends with what can be done about it. */
  readonly withActions?: boolean;
  readonly children: ReactNode;
}): ReactElement {
  return (
    <div className="card scroll-x" tabIndex={0} role="region" aria-label={label}>
      <table className="table">
        <thead>
          <tr>
            {head.map((title) => (
              <th key={title} scope="col">
                {title}
              </th>
            ))}
            {withActions ? (
              <th scope="col">
                <span className="sr-only">Actions</span>
              </th>
            ) : null}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}
