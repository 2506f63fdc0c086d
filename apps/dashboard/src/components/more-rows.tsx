import type { ReactElement } from "react";
import type { Pages } from "../api/use-pages.ts";

/** Goes on with a list where its last page ended. */
export function MoreRows({ pages }: { readonly pages: Pages<unknown> }): ReactElement | null {
  if (!pages.hasMore) return null;
  return (
    <p>
      <button
        type="button"
        className="button"
        aria-disabled={pages.isComing}
        data-row
        data-more
        onClick={() => (pages.isComing ? undefined : pages.more())}
      >
        {pages.isComing ? "Older ones are coming" : "Show older ones"}
      </button>
    </p>
  );
}
