import type { IncidentShape } from "@fairway/api";
import { Link } from "@tanstack/react-router";
import type { ReactElement, ReactNode } from "react";
import { useState } from "react";
import { client } from "../../api/client.ts";
import { usePages } from "../../api/use-pages.ts";
import { useWho } from "../../api/who.ts";
import { ActionButton } from "../../components/action-button.tsx";
import { Answered, EmptyNote } from "../../components/answered.tsx";
import { MoreRows } from "../../components/more-rows.tsx";
import { Page, Section } from "../../components/page.tsx";
import { RelativeTime } from "../../components/relative-time.tsx";
import { StateBadge } from "../../components/state-mark.tsx";
import { incidentLook, severityWords, worstFirst } from "./incident-look.ts";
import { OpenIncidentDialog } from "./open-incident-dialog.tsx";

const size = 50;

/** What went wrong for those who use what runs: what goes on stands first, however old it is. */
export function IncidentsPage(): ReactElement {
  const { may } = useWho();
  const [opens, setOpens] = useState(false);
  return (
    <Page
      title="Incidents"
      command="fairway incidents"
      actions={
        <ActionButton tone="main" possible={may("change")} onPress={() => setOpens(true)}>
          Open an incident …
        </ActionButton>
      }
    >
      <Section title="Open">
        <Incidents which="open" none="No incident is open">
          <p>Whoever sees that something goes wrong for users opens one.</p>
        </Incidents>
      </Section>
      <Section title="Over">
        <Incidents which="over" none="No incident is over" />
      </Section>
      {opens ? <OpenIncidentDialog onClose={() => setOpens(false)} /> : null}
    </Page>
  );
}

function Incidents({
  which,
  none,
  children,
}: {
  readonly which: "open" | "over";
  /** Said where there is none, with what else is to be known then. */
  readonly none: string;
  readonly children?: ReactNode;
}): ReactElement {
  const pages = usePages<IncidentShape, number>({
    key: ["incidents", { which }],
    size,
    ask: (before, signal) =>
      client.call("incidents", { limit: size, [which]: "true", ...(before === undefined ? {} : { before }) }, signal),
    cursorOf: ({ number }) => number,
  });
  return (
    <>
      <Answered question={pages.question} rows={4}>
        {(found) =>
          found.length === 0 ? (
            <EmptyNote title={none}>{children}</EmptyNote>
          ) : (
            <Rows incidents={worstFirst(found, which === "open")} />
          )
        }
      </Answered>
      <MoreRows pages={pages} />
    </>
  );
}

function Rows({ incidents }: { readonly incidents: readonly IncidentShape[] }): ReactElement {
  return (
    <ul className="rows card">
      {incidents.map((incident) => (
        <IncidentRow key={incident.number} incident={incident} />
      ))}
    </ul>
  );
}

function IncidentRow({ incident }: { readonly incident: IncidentShape }): ReactElement {
  const { number, title, environment, release, openedAt, followUps } = incident;
  const { state, words } = incidentLook(incident);
  const left = followUps.filter(({ doneAt }) => doneAt === null).length;
  return (
    <li>
      <Link to="/incidents/$incident" params={{ incident: String(number) }} className="rows-link" data-row>
        <StateBadge state={state} word={words} />
        <span className="rows-main">
          <span className="rows-title">
            {number}: {title}
          </span>
          <span className="rows-more">
            {severityWords(incident)}
            {environment === null ? "" : `, in ${environment}`}
            {release === null ? "" : `, of ${release}`}
            {left === 0 ? "" : `, ${left} to be done after it`}
          </span>
        </span>
        <span className="rows-side muted">
          <RelativeTime at={openedAt} />
        </span>
      </Link>
    </li>
  );
}
