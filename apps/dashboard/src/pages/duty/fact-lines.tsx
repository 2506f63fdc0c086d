import type { DutyEvidenceShape } from "@fairway/api";
import type { ReactElement } from "react";

/** Numbers and words that came with evidence. */
export function FactLines({ facts }: { readonly facts: DutyEvidenceShape["facts"] }): ReactElement | null {
  const all = Object.entries(facts);
  if (all.length === 0) return null;
  return (
    <ul className="duty-fact-lines">
      {all.map(([name, value]) => (
        <li key={name}>
          <span className="muted">{name}</span> <span className="num">{String(value ?? "–")}</span>
        </li>
      ))}
    </ul>
  );
}
