import type { DutiesShape } from "@fairway/api";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { useState } from "react";
import { asked, useChange } from "../../api/answers.ts";
import { useWho } from "../../api/who.ts";
import { ActionButton } from "../../components/action-button.tsx";
import { Answered, EmptyNote, ProblemNote } from "../../components/answered.tsx";
import { Page } from "../../components/page.tsx";
import { SearchField } from "../../components/search-field.tsx";
import { DutiesInForce } from "./duties-in-force.tsx";
import { kindOf } from "./duty-groups.ts";
import { worstFirst } from "./duty-look.ts";
import { dutiesRoute } from "./duty-route.ts";
import { DutyTable } from "./duty-table.tsx";
import "./duty.css";

/** How often duties are looked at again, in milliseconds: that time goes by is no event. */
const lookAgain = 60_000;

/** Everything that is owed, what is worst first. */
export function DutiesPage(): ReactElement {
  const { name: by, may } = useWho();
  const duties = useQuery({ ...asked("duties", {}), refetchInterval: lookAgain });
  const read = useChange("readDuties");
  return (
    <Page
      title="Duties"
      lead={
        <p>
          What people owe again and again: keys, backups, drills, reviews. How each stands is worked out from what is on
          record.
        </p>
      }
      command="fairway duties"
      actions={
        <ActionButton possible={may("change")} atOnce onPress={() => read.mutate({ by, ref: "HEAD" })}>
          {read.isPending ? "Reads …" : "Read the newest commit's"}
        </ActionButton>
      }
    >
      {read.error === null ? null : <ProblemNote thrown={read.error} />}
      <Answered question={duties} rows={8}>
        {(found) => (
          <>
            <DutiesInForce inForce={found} />
            <Found {...found} />
          </>
        )}
      </Answered>
    </Page>
  );
}

function Found({ duties, commit }: DutiesShape): ReactElement | null {
  const { kind = "", state } = dutiesRoute.useSearch();
  const navigate = useNavigate();
  const [wanted, setWanted] = useState("");
  if (commit === null) return null;
  if (duties.length === 0) return <EmptyNote title="Nothing is owed" />;
  const kinds = [...new Set(duties.map(({ id }) => kindOf(id)))].toSorted();
  const words = wanted.trim().toLowerCase();
  const chosen = duties
    .filter(({ id }) => kind === "" || kindOf(id) === kind)
    .filter((duty) => state === undefined || duty.state === state)
    .filter(({ id, title, owner, people }) =>
      [id, title, owner, ...people].some((text) => text.toLowerCase().includes(words)),
    )
    .toSorted(
      (one, other) =>
        worstFirst.indexOf(one.state) - worstFirst.indexOf(other.state) ||
        (one.dueAt ?? "~").localeCompare(other.dueAt ?? "~") ||
        one.id.localeCompare(other.id),
    );
  const withState = state === undefined ? {} : { state };
  const withKind = kind === "" ? {} : { kind };
  return (
    <>
      <div className="duty-filters">
        <SearchField label="Search duties and who owes them" value={wanted} onChange={setWanted} />
        <label className="field">
          About
          <select
            value={kind}
            onChange={({ target: { value } }) =>
              void navigate({
                to: "/duties",
                search: { ...withState, ...(value === "" ? {} : { kind: value }) },
                replace: true,
              })
            }
          >
            <option value="">everything</option>
            {kinds.map((each) => (
              <option key={each} value={each}>
                {each}
              </option>
            ))}
          </select>
        </label>
        <nav aria-label="State" className="segments">
          <Link to="/duties" search={withKind} aria-current={state === undefined ? "page" : undefined}>
            All {duties.length}
          </Link>
          {worstFirst.map((each) => (
            <Link
              key={each}
              to="/duties"
              search={{ ...withKind, state: each }}
              aria-current={each === state ? "page" : undefined}
            >
              {each} {duties.filter((duty) => duty.state === each).length}
            </Link>
          ))}
        </nav>
      </div>
      {chosen.length === 0 ? (
        <EmptyNote title="No duty is like that" />
      ) : (
        <DutyTable label="Duties" duties={chosen.map((duty) => ({ duty, gate: null }))} release={null} />
      )}
    </>
  );
}
