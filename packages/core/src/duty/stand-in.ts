import type { Duty } from "./duty.ts";
import type { DutyStanding } from "./duty-standing.ts";

/** The duties of what stands in for what a duty is about: the one that it names, and each that names it. */
export const standInsOf = (id: string, duties: readonly Duty[]): readonly string[] =>
  duties.flatMap((one) =>
    one.fallback === undefined ? [] : one.id === id ? [one.fallback] : one.fallback === id ? [one.id] : [],
  );

/**
 * What is well and stands in for a duty that fails; null where nothing does. What nobody has looked at in its time stands in
 * for nothing.
 */
export function standInFor(
  { duty: { id }, state }: DutyStanding,
  standings: readonly DutyStanding[],
): DutyStanding | null {
  if (state !== "failing") return null;
  const others = standInsOf(
    id,
    standings.map(({ duty }) => duty),
  );
  return standings.find((one) => others.includes(one.duty.id) && (one.state === "ok" || one.state === "due")) ?? null;
}

/** Those of which one stands in for the other, and both fail: nothing is left that works. */
export const failingTogether = (
  standings: readonly DutyStanding[],
): readonly { readonly first: DutyStanding; readonly second: DutyStanding }[] =>
  standings.flatMap((first) => {
    const second = standings.find(({ duty }) => duty.id === first.duty.fallback);
    return first.state === "failing" && second?.state === "failing" ? [{ first, second }] : [];
  });
