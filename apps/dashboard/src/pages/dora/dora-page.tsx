import type { DoraShape } from "@fairway/api";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { asked } from "../../api/answers.ts";
import { Answered } from "../../components/answered.tsx";
import { NoEnvironments } from "../../components/nothing-yet.tsx";
import { Page, Section } from "../../components/page.tsx";
import { DayBars } from "./day-bars.tsx";
import { doraRoute } from "./dora-route.ts";
import { doraSearchOf, usualWindow, windows } from "./dora-search.ts";
import type { Figure } from "./dora-words.ts";
import { figuresOf } from "./dora-words.ts";
import "./dora.css";

/** DORA's five figures of each environment, beside those of as many days before. */
export function DoraPage(): ReactElement {
  const { days = usualWindow, service } = doraRoute.useSearch();
  const dora = useQuery({
    ...asked("dora", { days, ...(service === undefined ? {} : { service }) }),
    placeholderData: (before) => before,
  });
  return (
    <Page
      title="DORA"
      heading="DORA's five figures"
      lead={<p>How changes come to people, from what deployments did, beside the {days} days before.</p>}
      command={`fairway dora --days ${days}${service === undefined ? "" : ` --service ${service}`}`}
      actions={
        <nav aria-label="Window" className="segments">
          {windows.map((one) => (
            <Link
              key={one}
              to="/dora"
              search={doraSearchOf({ days: one, service })}
              activeOptions={{ exact: true, includeSearch: true }}
            >
              {one} days
            </Link>
          ))}
        </nav>
      }
    >
      <Answered question={dora} rows={10}>
        {(found) => <Found {...found} />}
      </Answered>
    </Page>
  );
}

function Found({ days, services, service, environments }: DoraShape): ReactElement {
  return (
    <>
      {services.length < 2 && service === null ? null : (
        <nav aria-label="Service" className="segments dora-services">
          {[null, ...services].map((one) => (
            <Link
              key={one ?? ""}
              to="/dora"
              search={doraSearchOf({ days, service: one })}
              activeOptions={{ exact: true, includeSearch: true }}
            >
              {one ?? "All services"}
            </Link>
          ))}
        </nav>
      )}
      {environments.length === 0 ? (
        <NoEnvironments />
      ) : (
        environments.map((environment) => (
          <Section key={environment.environment} title={environment.environment}>
            <div className="card dora-card">
              <dl className="dora-figures">
                {figuresOf(environment).map((figure) => (
                  <FigureOf key={figure.name} figure={figure} />
                ))}
              </dl>
              <DayBars days={environment.byDay} />
            </div>
          </Section>
        ))
      )}
      <p className="muted">
        Rollbacks are no deployments, but rework. A commit counts when it first ran there. What exactly is counted
        stands in the documentation, under “DORA's five figures”.
      </p>
    </>
  );
}

const trends = { better: "▲ better than", worse: "▼ worse than", same: "as" } as const;

function FigureOf({ figure: { name, meaning, value, of, trend, before } }: { readonly figure: Figure }): ReactElement {
  return (
    <div className="dora-figure" title={meaning}>
      <dt>{name}</dt>
      <dd>
        <span className="dora-value num">{value}</span>
        <span className="muted">{of}</span>
        {trend === null ? null : (
          <span className="dora-trend" data-trend={trend}>
            {trends[trend]} {before} before
          </span>
        )}
      </dd>
    </div>
  );
}
