import type { ReactElement, ReactNode } from "react";
import { useState } from "react";

const usual = 100;

/**
 * Shows a list that comes whole a page at a time: ten thousand rows at once would keep the page from answering keys. `more`
 * goes below the list.
 */
export function useFewAtATime<Row>(
  rows: readonly Row[],
  page = usual,
): {
  readonly shown: readonly Row[];
  readonly more: ReactElement | null;
} {
  const [pages, setPages] = useState(1);
  const left = rows.length - pages * page;
  return {
    shown: rows.slice(0, pages * page),
    more:
      left <= 0 ? null : (
        <p>
          <button type="button" className="button" data-row data-more onClick={() => setPages(pages + 1)}>
            Show {Math.min(page, left)} more of {rows.length}
          </button>
        </p>
      ),
  };
}

/** The same around what is made of the rows that are shown. */
export function FewAtATime<Row>({
  rows,
  page,
  children,
}: {
  readonly rows: readonly Row[];
  readonly page?: number;
  readonly children: (shown: readonly Row[]) => ReactNode;
}): ReactElement {
  const { shown, more } = useFewAtATime(rows, page);
  return (
    <>
      {children(shown)}
      {more}
    </>
  );
}
