import type { IncidentShape } from "@fairway/api";
import type { State } from "@fairway/core";

type Told = Pick<IncidentShape, "number" | "closedAt" | "proposed" | "confirmed">;

/** How an incident stands, as a shape and a word: one that no person has looked at is not told like one that was. */
export function incidentLook({ closedAt, confirmed }: Told): { readonly state: State; readonly words: string } {
  if (closedAt !== null) return { state: "succeeded", words: "closed" };
  return confirmed === null ? { state: "errored", words: "open, not confirmed" } : { state: "failed", words: "open" };
}

/** How severe it is, and whether a person has said so; what was proposed stays beside it where that differs. */
export const severityWords = ({ proposed, confirmed }: Pick<Told, "proposed" | "confirmed">): string => {
  if (confirmed === null) return `severity ${proposed}, proposed`;
  return confirmed === proposed
    ? `severity ${confirmed}, confirmed`
    : `severity ${confirmed}, confirmed (proposed ${proposed})`;
};

/** Of a list, only those that go on, the worst first and then the newest; or only those that are over, the newest first. */
export const worstFirst = <Incident extends Told>(incidents: readonly Incident[], open: boolean): readonly Incident[] =>
  incidents
    .filter(({ closedAt }) => (closedAt === null) === open)
    .toSorted(
      (one, other) =>
        (open ? (one.confirmed ?? one.proposed) - (other.confirmed ?? other.proposed) : 0) || other.number - one.number,
    );
