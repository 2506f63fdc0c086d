import type { Millis, Percent } from "../../units.ts";
import type { Facts, Move } from "../strategy.ts";

/**
 * What keeps a rollout at this share of traffic: the time of the step, the verdict of the analysis, or a person who has
 * not yet said to go on. Null when nothing does. Whoever said to go on is not asked again after a crash, and need not
 * wait; that the figures are bad still ends it.
 */
export function stepGate(weight: Percent, pause: Millis | "approval", facts: Facts): Move | null {
  const { analysis, approved, sinceShift } = facts;
  if (analysis.verdict === "fail") return { do: "abort", reason: analysis.reason };
  if (approved.includes(weight)) return null;
  if (pause !== "approval" && sinceShift < pause)
    return {
      do: "hold",
      until: weight < 100 ? `${weight} % has stood the time of its step` : "the new release has proven itself",
    };
  switch (analysis.verdict) {
    case "pending":
      return { do: "hold", until: `the figures at ${weight} % tell enough: ${analysis.reason}` };
    case "inconclusive":
    case "no-data":
      return { do: "ask", question: `go on from ${weight} %? ${analysis.reason}` };
    case "none":
      return pause === "approval" ? { do: "ask", question: `go on from ${weight} %?` } : null;
    case "pass":
      return pause === "approval" ? { do: "ask", question: `go on from ${weight} %? ${analysis.reason}` } : null;
  }
}
