import type { BackupRepositoryShape } from "@fairway/api";
import { useQuery } from "@tanstack/react-query";
import type { ReactElement } from "react";
import { asked } from "../../api/answers.ts";
import { Answered, EmptyNote, WhyNone } from "../../components/answered.tsx";
import { DataTable } from "../../components/data-table.tsx";
import { Icon } from "../../components/icons.tsx";
import { FewAtATime } from "../../components/few-at-a-time.tsx";
import { Page, Section } from "../../components/page.tsx";
import { RelativeTime } from "../../components/relative-time.tsx";
import { StateBadge } from "../../components/state-mark.tsx";
import { FewInList } from "../../components/few-in-list.tsx";
import { duration } from "../../text/time.ts";
import { OwedDuty } from "../duty/owed-duty.tsx";
import { RepositoryActions } from "./backup-actions.tsx";
import { Drills, drillState, goesOn, lookAgain } from "./drills.tsx";
import { RecoveryChart } from "./recovery-chart.tsx";
import { wrongWith } from "./recovery.ts";
import "../duty/duty.css";
import "./backup.css";

/** What backups there are, how old, whether they can be restored, and how long that takes. What is wrong stands first. */
export function BackupsPage(): ReactElement {
  const repositories = useQuery({
    ...asked("backupRepositories", {}),
    refetchInterval: ({ state }) =>
      state.data?.some(({ drills }) => drills.some(goesOn)) === true ? lookAgain : false,
  });
  return (
    <Page title="Backups and drills" command="fairway backups">
      <Answered question={repositories} rows={8}>
        {(found) => (
          <>
            <Wrong sentences={found.flatMap(wrongWith)} />
            {found.length === 0 ? <EmptyNote title="Nothing is backed up" /> : null}
            <FewAtATime rows={found} page={20}>
              {(shown) => shown.map((repository) => <Repository key={repository.name} repository={repository} />)}
            </FewAtATime>
          </>
        )}
      </Answered>
      <Section title="Drills, step by step">
        <Drills />
      </Section>
    </Page>
  );
}

function Wrong({ sentences }: { readonly sentences: readonly string[] }): ReactElement | null {
  const alerts = useQuery(asked("alerts", { limit: 100 }));
  const raised = (alerts.data ?? []).filter(({ resolvedAt }) => resolvedAt === null);
  return (
    <>
      <WhyNone question={alerts} />
      {sentences.length + raised.length === 0 ? null : (
        <div className="note" data-tone="failed">
          <Icon name="bang" />
          <div>
            <p className="note-title">Something is wrong</p>
            <ul>
              <FewInList rows={raised}>
                {({ number, title, note, environment, raisedAt }) => (
                  <li key={number}>
                    {title}
                    {environment === null ? "" : ` (${environment})`}, <RelativeTime at={raisedAt} />
                    {note === "" ? "" : `: ${note}`}
                  </li>
                )}
              </FewInList>
              <FewInList rows={sentences}>{(each) => <li key={each}>{each}</li>}</FewInList>
            </ul>
          </div>
        </div>
      )}
    </>
  );
}

function Repository({ repository }: { readonly repository: BackupRepositoryShape }): ReactElement {
  const { name, environment, driver, label, watched, problem, backups, owed, drills } = repository;
  const [newest] = backups;
  return (
    <Section
      title={environment === null ? name : `${name} (${environment})`}
      aside={<RepositoryActions repository={repository} />}
    >
      <p className="muted">
        {label ?? "the database is your own, and Fairway makes no backups of it"}, {driver}
        {watched ? ", made by somebody else" : ""}
      </p>
      <dl className="facts card duty-facts">
        <dt>Newest copy</dt>
        <dd>
          {newest === undefined ? (
            <>{problem === null ? "there is none" : "not known, the repository cannot be read"}</>
          ) : (
            <>
              <RelativeTime at={newest.endedAt} />, {newest.kind}, {mebibytes(newest.bytes)},{" "}
              {newest.encrypted ? "encrypted" : "not encrypted"}
            </>
          )}
        </dd>
        {owed.map((each) => (
          <OwedDuty key={each.duty} owed={each} />
        ))}
      </dl>
      <RecoveryChart drills={drills} />
      {drills.length === 0 ? null : (
        <FewAtATime rows={drills}>
          {(shown) => (
            <DataTable label={`Drills of ${name}`} head={["Drill", "Outcome", "When", "RTO", "RPO"]}>
              {shown.map(({ number, outcome, failedStep, beganAt, rto, rpo }) => (
                <tr key={number}>
                  <th scope="row">{number}</th>
                  <td>
                    <StateBadge state={drillState(outcome)} word={outcome ?? "goes on"} />
                    {failedStep === null ? null : <p className="muted">at {failedStep}</p>}
                  </td>
                  <td>
                    <RelativeTime at={beganAt} />
                  </td>
                  <td className="num">{spanWords(rto)}</td>
                  <td className="num">{spanWords(rpo)}</td>
                </tr>
              ))}
            </DataTable>
          )}
        </FewAtATime>
      )}
    </Section>
  );
}

const spanWords = (millis: number | null): string => (millis === null ? "unknown" : duration(millis));

/** As the command line has it. */
const mebibytes = (bytes: number): string => `${(bytes / 1024 ** 2).toFixed(1)} MiB`;
