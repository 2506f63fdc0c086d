import type { FiringShape } from "@fairway/api";
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { Words } from "./words.tsx";
import { client } from "../api/client.ts";
import { usePages } from "../api/use-pages.ts";
import { Answered, EmptyNote } from "./answered.tsx";
import { firingLook } from "./firing-look.ts";
import { MoreRows } from "./more-rows.tsx";
import { RelativeTime } from "./relative-time.tsx";
import { StateMark } from "./state-mark.tsx";

const page = 50;

/** What has fired, of one trigger or of all, the newest first, and why each did or did not start something. */
export function FiringRows({ trigger }: { readonly trigger?: string }): ReactElement {
  const firings = usePages({
    key: ["firings", { trigger }],
    size: page,
    ask: (before: number | undefined, signal) =>
      client.call(
        "firings",
        {
          limit: page,
          ...(trigger === undefined ? {} : { trigger }),
          ...(before === undefined ? {} : { before }),
        },
        signal,
      ),
    cursorOf: ({ number }) => number,
  });
  return (
    <>
      <Answered question={firings.question}>
        {(found) =>
          found.length === 0 ? (
            <EmptyNote title={trigger === undefined ? "Nothing has fired yet" : `${trigger} has not fired yet`} />
          ) : (
            <ul className="rows card">
              {found.map((firing) => (
                <FiringRow key={firing.number} firing={firing} />
              ))}
            </ul>
          )
        }
      </Answered>
      <MoreRows pages={firings} />
    </>
  );
}

function FiringRow({ firing: { trigger, cause, ref, by, state, why, run, firedAt } }: Row): ReactElement {
  return (
    <li className="firing">
      <StateMark state={firingLook[state]} />
      <span className="rows-main">
        <span className="rows-title">{trigger}</span>
        <span className="rows-more">
          {cause}
          {ref === null ? "" : ` of ${ref}`} by {by}: {state}
          {why === "" ? null : <Words of={`, ${why}`} />}
        </span>
      </span>
      {run === null ? null : (
        <Link to="/runs/$run" params={{ run }} className="mono" data-row>
          {run}
        </Link>
      )}
      <RelativeTime at={firedAt} />
    </li>
  );
}

interface Row {
  readonly firing: FiringShape;
}
