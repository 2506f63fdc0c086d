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
  name = duty,
}: {
  /** What it is called where the rest of its name is said already; its whole name when left out. */
  readonly name?: string;
  readonly owed: Pick<DutyShape, "state" | "why" | "dueAt"> & { readonly duty: string };
}): ReactElement {
  return (
    <>
      <dt>
        <Link to="/duties/$duty" params={{ duty }}>
          {name}
        </Link>
      </dt>
      <dd>
        <StateBadge state={dutyLook[state]} word={state} /> <Words of={why} />
        <DueIn why={why} dueAt={dueAt} />
        <ActionsOfDuty duty={duty} />
      </dd>
    </>
  );
}

/** How long there is, after words that may name the day already. */
export function DueIn({ why, dueAt }: Pick<DutyShape, "why" | "dueAt">): ReactElement | null {
  return dueAt === null ? null : (
    <span className="muted">
      {why.includes("due on") ? ", " : " due "}
      <RelativeTime at={dueAt} />
    </span>
  );
}
