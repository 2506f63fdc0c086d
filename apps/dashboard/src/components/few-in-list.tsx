import type { ReactElement, ReactNode } from "react";
import { useFewAtATime } from "./few-at-a-time.tsx";

/** Rows of a list, as many as can be read; the list ends with what shows the next of them. */
export function FewInList<Row>({
  rows,
  children,
}: {
  readonly rows: readonly Row[];
  /** One row as an `li`, with a key of its own. */
  readonly children: (row: Row, at: number) => ReactNode;
}): ReactElement {
  const { shown, more } = useFewAtATime(rows);
  return (
    <>
      {shown.map(children)}
      {more === null ? null : <li>{more}</li>}
    </>
  );
}
