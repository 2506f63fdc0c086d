import type { TriggersShape } from "@fairway/api";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { asked } from "../../api/answers.ts";
import { Answered, EmptyNote } from "../../components/answered.tsx";
import { DataTable } from "../../components/data-table.tsx";
import { useFewAtATime } from "../../components/few-at-a-time.tsx";
import { FiringRows } from "../../components/firing-rows.tsx";
import { firingLook } from "../../components/firing-look.ts";
import { Note } from "../../components/note.tsx";
import { Page, Section } from "../../components/page.tsx";
import { RelativeTime } from "../../components/relative-time.tsx";
import { StateBadge } from "../../components/state-mark.tsx";
import { Words } from "../../components/words.tsx";
import { dueOrder } from "./due-order.ts";
import { schedulesRoute } from "./schedule-route.ts";

type Trigger = TriggersShape["triggers"][number];

/** What comes due by the clock: when next, what it starts, what it last came to, and why when it started nothing. */
export function SchedulesPage(): ReactElement {
  const { schedule } = schedulesRoute.useSearch();
  const triggers = useQuery(asked("triggers", {}));
  return (
    <Page title="Schedules" command="fairway triggers">
      <Answered question={triggers} rows={4}>
        {({ branch, problem, triggers: found }) => (
          <>
            {problem === null ? null : (
              <Note tone="failed" title={`The newest commit of ${branch} does not count`}>
                <p>{problem}</p>
              </Note>
            )}
            <Schedules schedules={dueOrder(found)} branch={branch} />
          </>
        )}
      </Answered>
      {schedule === undefined ? null : (
        <Section title={`When ${schedule} came due`}>
          <FiringRows trigger={schedule} />
        </Section>
      )}
    </Page>
  );
}

function Schedules({
  schedules,
  branch,
}: {
  readonly schedules: readonly Trigger[];
  readonly branch: string;
}): ReactElement {
  const { shown, more } = useFewAtATime(schedules);
  if (schedules.length === 0)
    return (
      <EmptyNote title="Nothing comes due by the clock">
        <p>
          A trigger with a <code>schedule</code> in the configuration on {branch} does.
        </p>
      </EmptyNote>
    );
  return (
    <>
      <DataTable label="Schedules" head={["Schedule", "Starts", "Next", "Last"]}>
        {shown.map(({ name, on, starts, next, last }) => (
          <tr key={name}>
            <th scope="row">
              <Link to="/schedules" search={{ schedule: name }} data-row>
                {name}
              </Link>
              <p className="muted">{on.join(", or ")}</p>
            </th>
            <td>{starts}</td>
            <td>{next === null ? <span className="muted">not again</span> : <RelativeTime at={next} />}</td>
            <td>
              {last === null ? (
                <span className="muted">has not come due</span>
              ) : (
                <>
                  <StateBadge state={firingLook[last.state]} word={last.state} /> <RelativeTime at={last.firedAt} />
                  {last.why === "" ? null : (
                    <p className="muted">
                      <Words of={last.why} />
                    </p>
                  )}
                  {last.run === null ? null : (
                    <p>
                      <Link to="/runs/$run" params={{ run: last.run }} className="mono">
                        {last.run}
                      </Link>
                    </p>
                  )}
                </>
              )}
            </td>
          </tr>
        ))}
      </DataTable>
      {more}
    </>
  );
}
