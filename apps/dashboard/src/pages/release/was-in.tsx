import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { outcomeWords } from "@fairway/core";
import type { ReactElement } from "react";
import { asked } from "../../api/answers.ts";
import { Answered, EmptyNote } from "../../components/answered.tsx";
import { RelativeTime, Took } from "../../components/relative-time.tsx";
import { StateMark } from "../../components/state-mark.tsx";

/** The deployments that brought a release somewhere, or tried, the newest first. */
export function WasIn({ release }: { readonly release: string }): ReactElement {
  const deployments = useQuery(asked("deployments", { limit: 200, release }));
  return (
    <Answered question={deployments}>
      {(found) =>
        found.length === 0 ? (
          <EmptyNote title="It was deployed nowhere yet" />
        ) : (
          <ul className="rows card">
            {found.map(
              ({ run, environment, from, reason, state, outcome, restored, supersededBy, beganAt, endedAt }) => (
                <li key={run}>
                  <Link to="/deployments/$run" params={{ run }} className="rows-link" data-row>
                    <StateMark state={state} />
                    <span className="rows-main">
                      <span className="rows-title">{environment}</span>
                      <span className="rows-more">
                        {outcome === null ? state : outcomeWords({ outcome, from, restored, supersededBy })}
                      </span>
                    </span>
                    <span className="rows-side">
                      <span>{reason}</span>
                      <Took from={beganAt} to={endedAt} />
                      <RelativeTime at={beganAt} />
                      <span className="mono">{run}</span>
                    </span>
                  </Link>
                </li>
              ),
            )}
          </ul>
        )
      }
    </Answered>
  );
}
