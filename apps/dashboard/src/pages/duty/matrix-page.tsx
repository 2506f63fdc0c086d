import type { DutyMatrixShape } from "@fairway/api";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { asked } from "../../api/answers.ts";
import { Answered, EmptyNote } from "../../components/answered.tsx";
import { CopyText } from "../../components/copy-text.tsx";
import { DataTable } from "../../components/data-table.tsx";
import { useFewAtATime } from "../../components/few-at-a-time.tsx";
import { Page } from "../../components/page.tsx";
import { RelativeTime } from "../../components/relative-time.tsx";
import { StateBadge } from "../../components/state-mark.tsx";
import { dutyLook, worstFirst } from "./duty-look.ts";
import { QuarterSummary } from "./quarter-summary.tsx";
import "./duty.css";

/** Who does what, what does a part of it by itself, what was shown last and what is due next. */
export function MatrixPage(): ReactElement {
  const matrix = useQuery(asked("dutyMatrix", {}));
  return (
    <Page
      title="Responsibilities"
      heading="Who is responsible for what"
      lead={<p>A view of the duties that name a task: nothing of it is written by hand.</p>}
      command="fairway matrix --md"
    >
      <Answered question={matrix} rows={6}>
        {(found) =>
          found.rows.length === 0 ? (
            <EmptyNote title="No duty names a task">
              <p>
                A duty in <code>ops/</code> with a <code>task</code> stands here.
              </p>
            </EmptyNote>
          ) : (
            <Rows matrix={found} />
          )
        }
      </Answered>
      <QuarterSummary />
    </Page>
  );
}

function Rows({ matrix: { rows, markdown, digest } }: { readonly matrix: DutyMatrixShape }): ReactElement {
  const { shown, more } = useFewAtATime(rows);
  return (
    <>
      <DataTable label="Responsibilities" head={["Task", "Who", "By itself", "Last shown", "Next due", "Stands"]}>
        {shown.map(({ task, owners, automation, last, nextDue, states }) => (
          <tr key={task}>
            <th scope="row" className="duty-title">
              {task}
            </th>
            <td>{owners.join(", ")}</td>
            <td>{automation.length === 0 ? <span className="muted">nothing</span> : automation.join("; ")}</td>
            <td>
              {last === null ? (
                <span className="muted">never</span>
              ) : (
                <>
                  <Link to="/duties/$duty" params={{ duty: last.duty }} data-row>
                    {last.outcome}
                  </Link>{" "}
                  <RelativeTime at={last.at} />
                  <p className="muted">
                    by {last.by}
                    {last.release === null ? "" : ` of ${last.release}`}
                  </p>
                </>
              )}
            </td>
            <td>{nextDue === null ? <span className="muted">on no day</span> : <RelativeTime at={nextDue} />}</td>
            <td>
              <span className="matrix-states">
                {worstFirst
                  .filter((state) => (states[state] ?? 0) > 0)
                  .map((state) => (
                    <StateBadge key={state} state={dutyLook[state]} word={`${states[state]} ${state}`} />
                  ))}
              </span>
            </td>
          </tr>
        ))}
      </DataTable>
      {more}
      <p className="muted">
        As a table for other pages: <CopyText text={markdown} short="Markdown" label="the table as Markdown" />, whose
        digest is <CopyText text={digest} short={`${digest.slice(0, 19)}…`} label="the digest" />
      </p>
    </>
  );
}
