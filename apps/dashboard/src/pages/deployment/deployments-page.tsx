import type { DeploymentShape } from "@fairway/api";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { asked } from "../../api/answers.ts";
import { client } from "../../api/client.ts";
import { usePages } from "../../api/use-pages.ts";
import { Answered, EmptyNote } from "../../components/answered.tsx";
import { DeploymentRows } from "../../components/deployment-rows.tsx";
import { MoreRows } from "../../components/more-rows.tsx";
import { Page } from "../../components/page.tsx";
import { deploymentsRoute } from "./deployment-route.ts";

const size = 100;

/** What was brought where, the newest first. */
export function DeploymentsPage(): ReactElement {
  const { environment } = deploymentsRoute.useSearch();
  const status = useQuery(asked("status", {}));
  const wanted = { limit: size, ...(environment === undefined ? {} : { environment }) };
  const pages = usePages<DeploymentShape, string>({
    key: ["deployments", wanted, "pages"],
    size,
    ask: (before, signal) =>
      client.call("deployments", { ...wanted, ...(before === undefined ? {} : { before }) }, signal),
    cursorOf: ({ run }) => run,
  });
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
      <Answered question={pages.question} rows={8}>
        {(found) =>
          found.length === 0 ? (
            <EmptyNote title="Nothing was deployed yet">
              <p>A release that is made goes by itself to the environments that deploy automatically.</p>
            </EmptyNote>
          ) : (
            <>
              <DeploymentRows
                deployments={found}
                titleOf={({ release, environment: place }) => `${release} → ${place}`}
              />
              <MoreRows pages={pages} />
            </>
          )
        }
      </Answered>
    </Page>
  );
}
