import type { DeploymentShape } from "@fairway/api";
import { Link } from "@tanstack/react-router";
import { outcomeWords } from "@fairway/core";
import type { ReactElement } from "react";
import { RelativeTime, Took } from "./relative-time.tsx";
import { StateMark } from "./state-mark.tsx";

/** Deployments as a list; each leads to its page. */
export function DeploymentRows({
  deployments,
  titleOf,
}: {
  readonly deployments: readonly DeploymentShape[];
  readonly titleOf: (deployment: DeploymentShape) => string;
}): ReactElement {
  return (
    <ul className="rows card">
      {deployments.map((deployment) => (
        <li key={deployment.run}>
          <Link to="/deployments/$run" params={{ run: deployment.run }} className="rows-link" data-row>
            <StateMark state={deployment.state} />
            <span className="rows-main">
              <span className="rows-title">{titleOf(deployment)}</span>
              <span className="rows-more">{endWords(deployment)}</span>
            </span>
            <span className="rows-side">
              <span>{deployment.reason}</span>
              <Took from={deployment.beganAt} to={deployment.endedAt} />
              <RelativeTime at={deployment.beganAt} />
              <span className="mono">{deployment.run}</span>
            </span>
          </Link>
        </li>
      ))}
    </ul>
  );
}

const endWords = ({ outcome, from, restored, supersededBy, state }: DeploymentShape): string =>
  outcome === null ? state : outcomeWords({ outcome, from, restored, supersededBy });
