import type { DutyShape } from "@fairway/api";
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { DataTable } from "../../components/data-table.tsx";
import { useFewAtATime } from "../../components/few-at-a-time.tsx";
import { RelativeTime } from "../../components/relative-time.tsx";
import { StateBadge } from "../../components/state-mark.tsx";
import { Words } from "../../components/words.tsx";
import { DutyActions } from "./duty-actions.tsx";
import { dutyLook } from "./duty-look.ts";
import { isOwedPerRelease } from "./per-release.ts";

/** A duty as a board shows it: with what a gate makes of it, where one names it. */
export interface DutyOnBoard {
  readonly duty: DutyShape;
  /** What holds releases up, or lets this pass; null where no gate asks for it. */
  readonly gate: { readonly blocks: boolean; readonly passedBy: string | null } | null;
}

/** Duties, with how each stands, who owes it, when it is due, and what can be done about it. */
export function DutyTable({
  label,
  duties,
  release,
}: {
  readonly label: string;
  readonly duties: readonly DutyOnBoard[];
  readonly release: string | null;
}): ReactElement {
  const { shown, more } = useFewAtATime(duties);
  return (
    <>
      <DataTable label={label} head={["Duty", "Stands", "Last shown", "Owes it", "Due"]} withActions>
        {shown.map((each) => (
          <DutyRow key={each.duty.id} release={release} {...each} />
        ))}
      </DataTable>
      {more}
    </>
  );
}

function DutyRow({ duty, gate, release }: DutyOnBoard & { readonly release: string | null }): ReactElement {
  const { id, title, state, why, waiver, last, owner, people, dueAt, cadence } = duty;
  // Evidence of what is owed by the calendar is of no release.
  const ofRelease = release !== null && isOwedPerRelease(cadence) ? { release } : {};
  return (
    <tr>
      <th scope="row" className="duty-title">
        <Link to="/duties/$duty" params={{ duty: id }} search={ofRelease} data-row>
          {title}
        </Link>
        <p className="muted">{id}</p>
      </th>
      <td className="duty-why">
        <StateBadge state={dutyLook[state]} word={state} />{" "}
        {gate?.blocks === true ? (
          <span className="chip" data-tone="failed">
            holds releases up
          </span>
        ) : null}
        {gate?.passedBy === null || gate === null ? null : <span className="chip">passes by {gate.passedBy}</span>}
        <p className="muted">
          <Words of={why} />
        </p>
        {waiver === null ? null : (
          <p className="muted">
            Passed over by {waiver.by} until <RelativeTime at={waiver.until} />: {waiver.because}
          </p>
        )}
      </td>
      <td>
        {last === null ? (
          <span className="muted">never</span>
        ) : (
          <>
            {last.outcome} <RelativeTime at={last.observedAt} />
            <p className="muted">by {last.automation ?? last.by}</p>
          </>
        )}
      </td>
      <td>
        {owner}
        <p className="muted">{people.length === 0 ? "nobody has that role" : people.join(", ")}</p>
      </td>
      <td>{dueAt === null ? <span className="muted">{cadence}</span> : <RelativeTime at={dueAt} />}</td>
      <td>
        <DutyActions duty={duty} release={release} small />
      </td>
    </tr>
  );
}
