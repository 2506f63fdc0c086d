import type { DutyTimesShape } from "@fairway/api";
import { hrefOf } from "@fairway/api/client";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { asked } from "../../api/answers.ts";
import { Answered, EmptyNote } from "../../components/answered.tsx";
import { useFewAtATime } from "../../components/few-at-a-time.tsx";
import { Page } from "../../components/page.tsx";
import { RelativeTime } from "../../components/relative-time.tsx";
import { StateBadge } from "../../components/state-mark.tsx";
import { useNow } from "../../shell/now.ts";
import { timeLook } from "./duty-look.ts";
import { calendarRoute } from "./duty-route.ts";
import { byDay, monthOf } from "./months.ts";
import "./duty.css";

/** When duties are due, a month at a time, and how the times that are over have ended. */
export function CalendarPage(): ReactElement {
  const { month: written, owner } = calendarRoute.useSearch();
  const { from, until, before, after, words } = monthOf(written, useNow());
  const navigate = useNavigate();
  const ofOwner = owner === undefined ? {} : { owner };
  const duties = useQuery(asked("duties", {}));
  const times = useQuery({
    ...asked("dutyCalendar", { from, until, ...ofOwner }),
    placeholderData: (had) => had,
  });
  const owners = [...new Set((duties.data?.duties ?? []).map((duty) => duty.owner))].toSorted();
  return (
    <Page
      title="Calendar"
      heading={`What is due in ${words}`}
      lead={<p>Days are in UTC. What is due on a day may be shown until that day ends.</p>}
      command={`fairway duties calendar --from ${from} --until ${until}`}
      actions={
        <>
          <nav aria-label="Month" className="segments">
            <Link to="/calendar" search={{ month: before, ...ofOwner }}>
              Before
            </Link>
            <Link to="/calendar" search={ofOwner} aria-current={written === undefined ? "page" : undefined}>
              This month
            </Link>
            <Link to="/calendar" search={{ month: after, ...ofOwner }}>
              After
            </Link>
          </nav>
          <a className="button" href={`.${hrefOf("dutyFeed", ofOwner)}`} download>
            As a calendar file
          </a>
        </>
      }
    >
      <label className="field duty-owner">
        Owed by
        <select
          value={owner ?? ""}
          onChange={({ target: { value } }) =>
            void navigate({
              to: "/calendar",
              search: {
                ...(written === undefined ? {} : { month: written }),
                ...(value === "" ? {} : { owner: value }),
              },
              replace: true,
            })
          }
        >
          <option value="">everybody</option>
          {owners.map((each) => (
            <option key={each} value={each}>
              {each}
            </option>
          ))}
        </select>
      </label>
      <Answered question={times} rows={8}>
        {(found) =>
          found.length === 0 ? (
            <EmptyNote title={`Nothing is due in ${words}`}>
              <p>
                Duties with an <code>every</code> in <code>ops/</code> of the project stand here on their days.
              </p>
            </EmptyNote>
          ) : (
            <Days key={from} times={found} />
          )
        }
      </Answered>
    </Page>
  );
}

function Days({ times }: { readonly times: readonly DutyTimesShape[] }): ReactElement {
  const now = useNow();
  const { shown, more } = useFewAtATime(times.toSorted((one, other) => one.due.localeCompare(other.due)));
  return (
    <>
      <ol className="duty-days">
        {byDay(shown).map(({ day, rows }) => (
          <li key={day} className="duty-day">
            <h2 className="num">
              <time dateTime={day}>{dayWords(day)}</time>
            </h2>
            <ul className="rows card">
              {rows.map(({ duty, title, owner, environment, due, slot, outcome }) => {
                const { state, words } = timeLook({ outcome, due }, now);
                return (
                  <li key={`${duty} ${slot}`}>
                    <Link to="/duties/$duty" params={{ duty }} className="rows-link" data-row>
                      <StateBadge state={state} word={words} />
                      <span className="rows-main">
                        <span className="rows-title">{title}</span>
                        <span className="rows-more">
                          {owner}
                          {environment === null ? "" : `, ${environment}`}
                        </span>
                      </span>
                      <span className="rows-side muted">
                        <RelativeTime at={due} />
                      </span>
                    </Link>
                  </li>
                );
              })}
            </ul>
          </li>
        ))}
      </ol>
      {more}
    </>
  );
}

const dayWords = (day: string): string =>
  new Intl.DateTimeFormat("en-GB", { weekday: "short", day: "numeric", month: "short", timeZone: "UTC" }).format(
    Date.parse(day),
  );
