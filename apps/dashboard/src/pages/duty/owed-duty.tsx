import type { DutyShape } from "@fairway/api";
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { RelativeTime } from "../../components/relative-time.tsx";
import { StateBadge } from "../../components/state-mark.tsx";
import { Words } from "../../components/words.tsx";
import { ActionsOfDuty } from "./actions-of-duty.tsx";
import { dutyLook } from "./duty-look.ts";

/** A duty among the facts of what it is owed for: how it stands, until when, and what can be done about it. */
export function OwedDuty({
  owed: { duty, state, why, dueAt },
}: {
  readonly owed: Pick<DutyShape, "state" | "why" | "dueAt"> & { readonly duty: string };
}): ReactElement {
  return (
    <>
      <dt>
        <Link to="/duties/$duty" params={{ duty }}>
          {duty}
        </Link>
      </dt>
      <dd>
        <StateBadge state={dutyLook[state]} word={state} /> <Words of={why} />
        {dueAt === null ? null : (
          <>
            {" "}
            <span className="muted">
              due <RelativeTime at={dueAt} />
            </span>
          </>
        )}
        <ActionsOfDuty duty={duty} />
      </dd>
    </>
  );
}
