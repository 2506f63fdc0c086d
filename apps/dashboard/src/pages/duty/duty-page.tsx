import type { DutyEvidenceShape, DutyShape } from "@fairway/api";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { asked } from "../../api/answers.ts";
import { AnsweredPage } from "../../components/answered-page.tsx";
import { EmptyNote } from "../../components/answered.tsx";
import { CopyText } from "../../components/copy-text.tsx";
import { useFewAtATime } from "../../components/few-at-a-time.tsx";
import { Page, Section } from "../../components/page.tsx";
import { RelativeTime } from "../../components/relative-time.tsx";
import { StateBadge, StateMark } from "../../components/state-mark.tsx";
import { Words } from "../../components/words.tsx";
import { dutyLook } from "./duty-look.ts";
import { dutyRoute } from "./duty-route.ts";
import { DutyActions } from "./duty-actions.tsx";
import { FactLines } from "./fact-lines.tsx";
import "./duty.css";

/** As many rows of evidence as the server gives at once. */
const most = 500;

/** One duty: how it stands and why, who owes it, and everything that is on record of it. */
export function DutyPage(): ReactElement {
  const { duty } = dutyRoute.useParams();
  const { release } = dutyRoute.useSearch();
  const of = release === undefined ? {} : { release };
  const detail = useQuery(asked("duty", { duty, limit: most, ...of }));
  return (
    <AnsweredPage question={detail} title={`Duty ${duty}`}>
      {(found) => (
        <Page
          title={found.title}
          heading={
            <span className="row">
              <StateMark state={dutyLook[found.state]} large />
              {found.title}
            </span>
          }
          lead={
            <p className="row row-wrap">
              <StateBadge state={dutyLook[found.state]} word={found.state} />
              <span>
                <Words of={found.why} />
              </span>
            </p>
          }
          actions={<DutyActions duty={found} release={release ?? null} />}
          command={`fairway duties show '${found.id}'`}
        >
          <Facts duty={found} />
          <Section title="On record">
            <Evidence evidence={found.evidence} />
          </Section>
        </Page>
      )}
    </AnsweredPage>
  );
}

function Facts({ duty }: { readonly duty: DutyShape }): ReactElement {
  const { id, owner, people, escalation, environment, cadence, task, automation, dueAt, waiver, mend, place } = duty;
  return (
    <dl className="facts card duty-facts">
      <dt>Its name</dt>
      <dd>
        <CopyText text={id} label="the name" />
      </dd>
      <dt>Owes it</dt>
      <dd>
        {owner} ({people.length === 0 ? "nobody has that role" : people.join(", ")})
        {escalation.length === 0 ? "" : `, then ${escalation.join(", then ")}`}
      </dd>
      <dt>Owed</dt>
      <dd>
        {cadence}
        {environment === null ? "" : `, in ${environment}`}
      </dd>
      {dueAt === null ? null : (
        <>
          <dt>Due</dt>
          <dd>
            <RelativeTime at={dueAt} />
          </dd>
        </>
      )}
      {task === null ? null : (
        <>
          <dt>A part of</dt>
          <dd>
            <Link to="/matrix">{task}</Link>
          </dd>
        </>
      )}
      {automation === null ? null : (
        <>
          <dt>By itself</dt>
          <dd>{automation}</dd>
        </>
      )}
      {waiver === null ? null : (
        <>
          <dt>Passed over</dt>
          <dd>
            by {waiver.by} until <RelativeTime at={waiver.until} />: {waiver.because}
          </dd>
        </>
      )}
      {mend === null ? null : (
        <>
          <dt>Set right by</dt>
          <dd>
            <Words of={mend} />
          </dd>
        </>
      )}
      {place === null ? null : (
        <>
          <dt>Written in</dt>
          <dd className="mono">
            {place.file}:{place.line}
          </dd>
        </>
      )}
    </dl>
  );
}

const outcomeState = {
  passed: "succeeded",
  failed: "failed",
  partial: "waiting",
  missed: "errored",
  skipped: "aborted",
} as const;

function Evidence({ evidence }: { readonly evidence: readonly DutyEvidenceShape[] }): ReactElement {
  const { shown, more } = useFewAtATime(evidence);
  if (evidence.length === 0)
    return (
      <EmptyNote title="Nothing is on record of it">
        <p>Whoever owes it says here how it went, and so do programs.</p>
      </EmptyNote>
    );
  return (
    <>
      <ol className="rows card">
        {shown.map((each) => (
          <li key={each.number} className="duty-evidence">
            <StateMark state={outcomeState[each.outcome]} large />
            <div className="duty-evidence-words">
              <p>
                <strong>{each.outcome}</strong> <RelativeTime at={each.observedAt} />{" "}
                <span className="muted">
                  by {each.automation ?? each.by}
                  {each.release === null ? "" : `, of ${each.release}`}, row {each.number}
                  {each.corrects === null ? "" : `, corrects row ${each.corrects}`}
                </span>
              </p>
              {each.note === "" ? null : <p>{each.note}</p>}
              <FactLines facts={each.facts} />
              {each.artifacts.map(({ name, sha256, bytes }) => (
                <p key={sha256} className="muted">
                  {name}, {bytes.toLocaleString("en")} bytes,{" "}
                  <CopyText text={`sha256:${sha256}`} short={`sha256:${sha256.slice(0, 12)}…`} label="the digest" />
                </p>
              ))}
              {each.validUntil === null ? null : (
                <p className="muted">
                  Good until <RelativeTime at={each.validUntil} />
                </p>
              )}
            </div>
          </li>
        ))}
      </ol>
      {more}
      {evidence.length === most ? <p className="muted">Older rows stand in the audit.</p> : null}
    </>
  );
}
