import type { IncidentShape } from "@fairway/api";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { useState } from "react";
import { asked, useChange } from "../../api/answers.ts";
import { useWho } from "../../api/who.ts";
import { ActionButton } from "../../components/action-button.tsx";
import { AnsweredPage } from "../../components/answered-page.tsx";
import { EmptyNote, ProblemNote } from "../../components/answered.tsx";
import { DataTable } from "../../components/data-table.tsx";
import { useFewAtATime } from "../../components/few-at-a-time.tsx";
import { Page, Section } from "../../components/page.tsx";
import { RelativeTime } from "../../components/relative-time.tsx";
import { StateBadge } from "../../components/state-mark.tsx";
import { FewInList } from "../../components/few-in-list.tsx";
import { CloseDialog, FollowUpDialog, NoteDialog, SeverityDialog } from "./incident-dialogs.tsx";
import { incidentLook, severityWords } from "./incident-look.ts";
import { incidentRoute } from "./incident-route.ts";
import "../duty/duty.css";

/** One incident: how severe it is and who says so, what was written down, and what is left to do. */
export function IncidentPage(): ReactElement {
  const { incident: number } = incidentRoute.useParams();
  const incident = useQuery(asked("incident", { number: Number(number) }));
  return (
    <AnsweredPage question={incident} title={`Incident ${number}`}>
      {(found) => (
        <Page
          title={found.title}
          lead={
            <p className="row row-wrap">
              <StateBadge state={incidentLook(found).state} word={incidentLook(found).words} />
              <span>{severityWords(found)}</span>
            </p>
          }
          actions={<Actions incident={found} />}
          command={`fairway incidents show ${found.number}`}
        >
          <Facts incident={found} />
          <Section title="Written down">
            <Notes notes={found.notes} />
          </Section>
          <Section title="To be done after it">
            <FollowUps incident={found} />
          </Section>
        </Page>
      )}
    </AnsweredPage>
  );
}

function Actions({ incident }: { readonly incident: IncidentShape }): ReactElement {
  const { may } = useWho();
  const [asks, ask] = useState<"severity" | "note" | "close" | "follow-up" | null>(null);
  const possible = may("change", null);
  const isOpen = incident.closedAt === null;
  const given = { incident, onClose: () => ask(null) };
  return (
    <>
      {isOpen ? (
        <ActionButton possible={possible} onPress={() => ask("severity")}>
          {incident.confirmed === null ? "Confirm its severity …" : "Change its severity …"}
        </ActionButton>
      ) : null}
      <ActionButton possible={possible} onPress={() => ask("note")}>
        Write down …
      </ActionButton>
      <ActionButton possible={possible} onPress={() => ask("follow-up")}>
        To be done …
      </ActionButton>
      {isOpen ? (
        <ActionButton possible={possible} onPress={() => ask("close")}>
          Close it …
        </ActionButton>
      ) : null}
      {asks === "severity" ? <SeverityDialog {...given} /> : null}
      {asks === "note" ? <NoteDialog {...given} /> : null}
      {asks === "follow-up" ? <FollowUpDialog {...given} /> : null}
      {asks === "close" ? <CloseDialog {...given} /> : null}
    </>
  );
}

function Facts({ incident }: { readonly incident: IncidentShape }): ReactElement {
  const { impact, scope, environment, release, rule, confirmedBy, source, openedBy, openedAt, closedAt, rootCause } =
    incident;
  return (
    <dl className="facts card duty-facts">
      <dt>How bad</dt>
      <dd>
        {impact}, for {scope}
      </dd>
      <dt>Severity</dt>
      <dd>
        {severityWords(incident)}
        {confirmedBy === null ? "" : ` by ${confirmedBy}`}
        {rule === null ? "" : `; ${rule}`}
      </dd>
      <dt>Where</dt>
      <dd>{environment ?? "all of it"}</dd>
      {release === null ? null : (
        <>
          <dt>Release</dt>
          <dd>
            <Link to="/releases/$release" params={{ release }}>
              {release}
            </Link>
          </dd>
        </>
      )}
      <dt>Opened</dt>
      <dd>
        <RelativeTime at={openedAt} /> by {openedBy}
        {source === null ? "" : `, from ${source}`}
      </dd>
      {closedAt === null ? null : (
        <>
          <dt>Closed</dt>
          <dd>
            <RelativeTime at={closedAt} />
          </dd>
        </>
      )}
      {rootCause === null ? null : (
        <>
          <dt>Its cause</dt>
          <dd>{rootCause}</dd>
        </>
      )}
    </dl>
  );
}

function Notes({ notes }: Pick<IncidentShape, "notes">): ReactElement {
  if (notes.length === 0) return <EmptyNote title="Nothing is written down of it" />;
  return (
    <ol className="rows card">
      <FewInList rows={notes}>
        {({ at, by, text }, index) => (
          <li key={`${at} ${index}`} className="duty-evidence">
            <div className="duty-evidence-words">
              <p className="muted">
                <RelativeTime at={at} /> by {by}
              </p>
              <p>{text}</p>
            </div>
          </li>
        )}
      </FewInList>
    </ol>
  );
}

function FollowUps({ incident: { number, followUps } }: { readonly incident: IncidentShape }): ReactElement {
  const { name: by, may } = useWho();
  const end = useChange("endFollowUp");
  const { shown, more } = useFewAtATime(followUps);
  if (followUps.length === 0) return <EmptyNote title="Nothing is to be done after it" />;
  return (
    <>
      {end.error === null ? null : <ProblemNote thrown={end.error} />}
      <DataTable label="To be done after it" head={["What", "By whom", "Until"]} withActions>
        {shown.map(({ number: followUp, what, owner, due, doneAt, doneBy }) => (
          <tr key={followUp}>
            <th scope="row" className="duty-title">
              {what}
            </th>
            <td>{owner}</td>
            <td className="num">{due}</td>
            <td>
              {doneAt === null ? (
                <ActionButton
                  small
                  possible={may("change", null)}
                  atOnce
                  onPress={() => end.mutate({ by, number, followUp })}
                >
                  It is done
                </ActionButton>
              ) : (
                <span className="muted">
                  done <RelativeTime at={doneAt} /> by {doneBy}
                </span>
              )}
            </td>
          </tr>
        ))}
      </DataTable>
      {more}
    </>
  );
}
