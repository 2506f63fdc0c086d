import type { DriftFindingShape } from "@fairway/api";
import type { ReactElement } from "react";
import { FewInList } from "./few-in-list.tsx";

/** The fields of a resource that change, each with its value before and after; of what is sensitive only that it changes. */
export function FieldChanges({ fields }: Pick<DriftFindingShape, "fields">): ReactElement | null {
  if (fields.length === 0) return null;
  return (
    <ul className="field-changes">
      <FewInList rows={fields}>
        {({ path, before, after, sensitive, unknown, replaces }) => (
          <li key={path}>
            <code>{path}</code>: {sensitive ? "hidden" : (before ?? "nothing")} →{" "}
            {sensitive ? "hidden" : unknown ? "known once done" : (after ?? "nothing")}
            {replaces ? " (so it is made anew)" : ""}
          </li>
        )}
      </FewInList>
    </ul>
  );
}
