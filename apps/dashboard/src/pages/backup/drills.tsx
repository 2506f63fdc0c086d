import type { DrillShape } from "@fairway/api";
import { useQuery } from "@tanstack/react-query";
import type { ReactElement } from "react";
import { asked } from "../../api/answers.ts";
import { Answered, EmptyNote } from "../../components/answered.tsx";
import { useFewAtATime } from "../../components/few-at-a-time.tsx";
import { RelativeTime } from "../../components/relative-time.tsx";
import { StateBadge, StateMark } from "../../components/state-mark.tsx";
import { duration } from "../../text/time.ts";

/** How often a drill that goes on is looked at again, in milliseconds: that a step of it has ended is no event. */
export const lookAgain = 3_000;

/** Whether a drill has not ended. */
export const goesOn = ({ outcome }: Pick<DrillShape, "outcome">): boolean => outcome === null;

/** Drills of all repositories with what each step has found, the newest first. */
export function Drills(): ReactElement {
  const drills = useQuery({
    ...asked("drills", { limit: 50 }),
    refetchInterval: ({ state }) => (state.data?.some(goesOn) === true ? lookAgain : false),
  });
  return (
    <Answered question={drills} rows={4}>
      {(found) =>
        found.length === 0 ? (
          <EmptyNote title="No drill has restored a backup yet">
            <p>A drill restores one apart from what runs, and looks at what it has in it.</p>
          </EmptyNote>
        ) : (
          <Rows of={found} />
        )
      }
    </Answered>
  );
}

function Rows({ of }: { readonly of: readonly DrillShape[] }): ReactElement {
  const { shown, more } = useFewAtATime(of);
  return (
    <>
      <ul className="rows card">
        {shown.map((drill) => (
          <li key={drill.number} className="duty-evidence">
            <DrillSteps drill={drill} />
          </li>
        ))}
      </ul>
      {more}
    </>
  );
}

const stepState = { passed: "succeeded", failed: "failed", "left-out": "aborted" } as const;

function DrillSteps({ drill }: { readonly drill: DrillShape }): ReactElement {
  const { number, repository, beganAt, by, note, outcome, steps } = drill;
  return (
    <details className="duty-evidence-words">
      <summary>
        <StateBadge state={drillState(outcome)} word={outcome ?? "goes on"} /> Drill {number} of {repository},{" "}
        <RelativeTime at={beganAt} /> by {by}
      </summary>
      {note === "" ? null : <p>{note}</p>}
      <ol className="rows">
        {steps.map(({ step, what, outcome: ended, why, took }) => (
          <li key={step}>
            <StateMark state={stepState[ended]} /> <strong>{step}</strong>{" "}
            <span className="muted">
              {ended}, {duration(took)}: {what}
            </span>
            {why === "" ? null : <p>{why}</p>}
          </li>
        ))}
      </ol>
    </details>
  );
}

/** How a drill stands as a shape. */
export const drillState = (outcome: DrillShape["outcome"]): "running" | "succeeded" | "failed" => {
  switch (outcome) {
    case "passed":
      return "succeeded";
    case "failed":
      return "failed";
    case null:
      return "running";
  }
};
