import { useQuery } from "@tanstack/react-query";
import type { ReactElement } from "react";
import { asked } from "../../api/answers.ts";
import { Answered, EmptyNote } from "../../components/answered.tsx";
import { DataTable } from "../../components/data-table.tsx";
import { useFewAtATime } from "../../components/few-at-a-time.tsx";
import { RelativeTime } from "../../components/relative-time.tsx";
import type { FreezeTimesShape } from "@fairway/api";

/** How often freezes are looked at, in milliseconds: that one opens is no event. */
const lookAgain = 60_000;

/** The freezes of the configuration, the next one first. */
export function Freezes(): ReactElement {
  const freezes = useQuery({ ...asked("freezes", {}), refetchInterval: lookAgain });
  return (
    <Answered question={freezes}>
      {(found) =>
        found.length === 0 ? (
          <EmptyNote title="No freeze is to come">
            <p>
              <code>freezes</code> of an environment in the configuration say when nothing changes there.
            </p>
          </EmptyNote>
        ) : (
          <Rows freezes={found} />
        )
      }
    </Answered>
  );
}

function Rows({ freezes }: { readonly freezes: readonly FreezeTimesShape[] }): ReactElement {
  const { shown, more } = useFewAtATime(freezes);
  return (
    <>
      <DataTable label="Freezes" head={["Environment", "Why", "From", "Until", "Comes again"]}>
        {shown.map(({ environment, because, open, from, to, repeats, timeZone }) => (
          <tr key={`${environment} ${because} ${from}`}>
            <th scope="row">
              {environment}{" "}
              {open ? (
                <span className="chip" data-tone="waiting">
                  now
                </span>
              ) : null}
            </th>
            <td>{because}</td>
            <td>
              <RelativeTime at={from} />
            </td>
            <td>
              <RelativeTime at={to} />
            </td>
            <td>{repeats === null ? <span className="muted">once</span> : `${repeats}, ${timeZone ?? "UTC"}`}</td>
          </tr>
        ))}
      </DataTable>
      {more}
    </>
  );
}
