import type { ReactElement, ReactNode } from "react";
import { classNames } from "../text/class-names.ts";

/**
 * A table that scrolls for itself where it is wider than the page, also by the keyboard. On a telephone each row is a card, and
 * the style puts a cell's heading beside it.
 */
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
  const headings = Object.fromEntries(head.map((title, index) => [`--head-${index + 1}`, JSON.stringify(title)]));
  return (
    <div className="card scroll-x" tabIndex={0} role="region" aria-label={label}>
      <table className={classNames("table", withActions && "table-with-actions")} style={headings}>
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
