import type { EducationShape } from "@fairway/api";
import type { State } from "@fairway/core";

/** The shape of how well something teaches; what nobody has measured is never shown as well. */
export const educationLook: Readonly<Record<EducationShape["state"], State>> = {
  unmeasured: "pending",
  met: "succeeded",
  missed: "failed",
};

/** What is to be reached, in words. */
export function wantedWords(kpi: EducationShape["kpi"]): string {
  if (kpi === null) return "nothing says what it is to reach";
  const bounds = [
    ...(kpi.atLeast === null ? [] : [`at least ${kpi.atLeast}`]),
    ...(kpi.atMost === null ? [] : [`at most ${kpi.atMost}`]),
  ];
  return [kpi.name, ...bounds].join(", ");
}
