import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { asked } from "../../api/answers.ts";
import { Answered, EmptyNote } from "../../components/answered.tsx";
import { CopyText } from "../../components/copy-text.tsx";
import { DataTable } from "../../components/data-table.tsx";
import { FewAtATime } from "../../components/few-at-a-time.tsx";
import { NoReleases } from "../../components/nothing-yet.tsx";
import { Page, Section } from "../../components/page.tsx";
import { StateBadge } from "../../components/state-mark.tsx";
import { Words } from "../../components/words.tsx";
import { ActionsOfDuty } from "../duty/actions-of-duty.tsx";
import { educationLook, wantedWords } from "./education-look.ts";
import { NoticeReceipts } from "./notice-receipts.tsx";
import { ShownToUsers } from "./shown-to-users.tsx";
import "../duty/duty.css";

/** What people learn from and whether they do, what was going on lately, and who has been told of the newest release. */
export function EducationPage(): ReactElement {
  return (
    <Page title="Knowledge" command="fairway education">
      <Section title="What users learn from">
        <Assets />
      </Section>
      <Section title="The notice of the newest release">
        <NoticeReceipts />
      </Section>
      <Section title="What users are shown">
        <ShownToUsers />
      </Section>
      <Section title="Summary of the operations log">
        <Summary />
      </Section>
      <Section title="What those who begin have to know">
        <Packet />
      </Section>
    </Page>
  );
}

function Assets(): ReactElement {
  const education = useQuery(asked("education", {}));
  return (
    <Answered question={education} rows={4}>
      {(found) =>
        found.length === 0 ? (
          <EmptyNote title="Nothing is listed that users learn from">
            <p>
              It stands in <code>ops/education.yaml</code> of the project.
            </p>
          </EmptyNote>
        ) : (
          <FewAtATime rows={found}>
            {(shown) => (
              <DataTable label="What users learn from" head={["What", "Owner", "To be reached", "Measured", "Owed"]}>
                {shown.map(({ id, title, at, owner, kpi, state, value, duty }) => (
                  <tr key={id}>
                    <th scope="row" className="duty-title">
                      {title}
                      <p className="muted">{at}</p>
                    </th>
                    <td>{owner}</td>
                    <td>{wantedWords(kpi)}</td>
                    <td>
                      <StateBadge state={educationLook[state]} word={value === null ? state : `${state}, ${value}`} />
                    </td>
                    <td className="duty-why">
                      {duty === null ? (
                        "nothing"
                      ) : (
                        <>
                          <Link to="/duties/$duty" params={{ duty: duty.id }}>
                            {duty.state}
                          </Link>{" "}
                          <Words of={duty.why} />
                          <ActionsOfDuty duty={duty.id} />
                        </>
                      )}
                    </td>
                  </tr>
                ))}
              </DataTable>
            )}
          </FewAtATime>
        )
      }
    </Answered>
  );
}

function Summary(): ReactElement {
  const summary = useQuery(asked("operationsSummary", {}));
  return (
    <Answered question={summary}>
      {({ from, until, incidents, open, overdue, markdown }) => (
        <>
          <p>
            From {from} until {until}: {incidents} incidents, {open} open, {overdue} follow-ups overdue
          </p>
          <details>
            <summary>All of it</summary>
            <pre className="card scroll-x" tabIndex={0}>
              {markdown}
            </pre>
          </details>
        </>
      )}
    </Answered>
  );
}

function Packet(): ReactElement {
  const packet = useQuery(asked("packet", {}));
  return (
    <Answered question={packet} missing={<NoReleases />}>
      {({ commit, sections }) => (
        <>
          <p className="muted">
            From the configuration of <code>{commit.slice(0, 12)}</code>
          </p>
          {sections.map(({ title, sources, lines }) => (
            <details key={title}>
              <summary>{title}</summary>
              <pre className="card scroll-x" tabIndex={0}>
                {lines.join("\n")}
              </pre>
              {sources.map(({ path, sha256 }) => (
                <p key={path} className="muted">
                  {path}{" "}
                  <CopyText text={`sha256:${sha256}`} short={`sha256:${sha256.slice(0, 12)}…`} label="the digest" />
                </p>
              ))}
            </details>
          ))}
        </>
      )}
    </Answered>
  );
}
