import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { outcomeWords } from "@fairway/core";
import type { ReactElement } from "react";
import { asked } from "../../api/answers.ts";
import { Answered, EmptyNote } from "../../components/answered.tsx";
import { Page } from "../../components/page.tsx";
import { RelativeTime, Took } from "../../components/relative-time.tsx";
import { StateMark } from "../../components/state-mark.tsx";
import { deploymentsRoute } from "./deployment-route.ts";

/** What was brought where, the newest first. */
export function DeploymentsPage(): ReactElement {
  const { environment } = deploymentsRoute.useSearch();
  const status = useQuery(asked("status", {}));
  const deployments = useQuery(
    asked("deployments", { limit: 200, ...(environment === undefined ? {} : { environment }) }),
  );
  return (
    <Page
      title="Deployments"
      command={`fairway deployments${environment === undefined ? "" : ` ${environment}`}`}
      actions={
        <nav aria-label="Environment" className="segments">
          <Link to="/deployments" search={{}} activeOptions={{ exact: true, includeSearch: true }}>
            All
          </Link>
          {(status.data?.environments ?? []).map(({ name }) => (
            <Link key={name} to="/deployments" search={{ environment: name }} activeOptions={{ includeSearch: true }}>
              {name}
            </Link>
          ))}
        </nav>
      }
    >
      <Answered question={deployments} rows={8}>
        {(found) =>
          found.length === 0 ? (
            <EmptyNote title="Nothing was deployed yet">
              <p>A release that is made goes by itself to the environments that deploy automatically.</p>
            </EmptyNote>
          ) : (
            <ul className="rows card">
              {found.map(
                ({
                  run,
                  environment: place,
                  release,
                  from,
                  reason,
                  state,
                  outcome,
                  restored,
                  supersededBy,
                  beganAt,
                  endedAt,
                }) => (
                  <li key={run}>
                    <Link to="/deployments/$run" params={{ run }} className="rows-link" data-row>
                      <StateMark state={state} />
                      <span className="rows-main">
                        <span className="rows-title">
                          {release} → {place}
                        </span>
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
    </Page>
  );
}
