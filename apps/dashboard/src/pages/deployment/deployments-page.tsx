import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { asked } from "../../api/answers.ts";
import { Answered, EmptyNote } from "../../components/answered.tsx";
import { DeploymentRows } from "../../components/deployment-rows.tsx";
import { Page } from "../../components/page.tsx";
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
            <DeploymentRows
              deployments={found}
              titleOf={({ release, environment: place }) => `${release} → ${place}`}
            />
          )
        }
      </Answered>
    </Page>
  );
}
