import type { AnswerOf, CheckOfWhatRuns, Contract } from "@fairway/api";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { useState } from "react";
import { asked } from "../../api/answers.ts";
import { client } from "../../api/client.ts";
import { usePages } from "../../api/use-pages.ts";
import { Answered, EmptyNote, WhyNone } from "../../components/answered.tsx";
import { EnvironmentField } from "../../components/environment-field.tsx";
import { useFewAtATime } from "../../components/few-at-a-time.tsx";
import { Icon } from "../../components/icons.tsx";
import { MoreRows } from "../../components/more-rows.tsx";
import { Page, Section } from "../../components/page.tsx";
import { RelativeTime } from "../../components/relative-time.tsx";
import { SearchField } from "../../components/search-field.tsx";
import { checksRoute } from "./check-route.ts";
import { CheckRow } from "./check-row.tsx";
import type { ChecksSearch } from "./checks-search.ts";
import { usualWindow, windows } from "./checks-search.ts";
import { Synthetics } from "./synthetics.tsx";
import "./check.css";

const size = 100;

/** What was asked of services that run: after deployments, by the clock and by hand, and what each answer was. */
export function ChecksPage(): ReactElement {
  const search = checksRoute.useSearch();
  const { environment, days = usualWindow } = search;
  return (
    <Page
      title="Checks"
      heading="Checks of what runs"
      lead={<p>What was asked of services after they were deployed, again by the clock, and by hand.</p>}
      command={`fairway checks list${environment === undefined ? "" : ` ${environment}`}`}
      actions={
        <nav aria-label="Window" className="segments">
          {windows.map((one) => (
            <Link
              key={one}
              to="/checks"
              search={{ ...search, days: one }}
              aria-current={one === days ? "page" : undefined}
            >
              {one === 1 ? "1 day" : `${one} days`}
            </Link>
          ))}
        </nav>
      }
    >
      <Unverified {...(environment === undefined ? {} : { environment })} />
      <Section title="Made again and again">
        <Synthetics days={days} {...(environment === undefined ? {} : { environment })} />
      </Section>
      <Section title="Results">
        <Filters key={search.name ?? ""} search={search} />
        <Results search={search} />
      </Section>
    </Page>
  );
}

/** Releases whose word of being verified was taken away. Nothing where there is none. */
function Unverified({ environment }: { readonly environment?: string }): ReactElement | null {
  const found = useQuery(asked("verifications", environment === undefined ? {} : { environment }));
  return found.data === undefined ? <WhyNone question={found} /> : <Withdrawn verifications={found.data} />;
}

/** Notes stand above all else: more of them at once would push the results off the page. */
const few = 10;

function Withdrawn({ verifications }: { readonly verifications: AnswerOf<Contract["verifications"]> }): ReactElement {
  const { shown, more } = useFewAtATime(verifications, few);
  return (
    <>
      {shown.map(({ environment: where, release, run, why, at }) => (
        <div key={`${where} ${release}`} className="note" data-tone="failed">
          <Icon name="bang" />
          <div>
            <p className="note-title">
              {release} does not count as verified in {where} any more
            </p>
            <p>
              {why} ·{" "}
              <Link to="/runs/$run" params={{ run }}>
                {run}
              </Link>{" "}
              <RelativeTime at={at} />
            </p>
          </div>
        </div>
      ))}
      {more}
    </>
  );
}

function Filters({ search }: { readonly search: ChecksSearch }): ReactElement {
  const navigate = useNavigate();
  const [typed, setTyped] = useState(search.name ?? "");
  const look = (next: ChecksSearch): void => void navigate({ to: "/checks", search: next, replace: true });
  const { environment: _environment, name: _name, flaky: _flaky, ...rest } = search;
  const narrow = (over: {
    readonly environment?: string | undefined;
    readonly name?: string | undefined;
    readonly flaky?: boolean | undefined;
  }): void => {
    const { environment, name, flaky } = { ...search, ...over };
    look({
      ...rest,
      ...(environment === undefined || environment === "" ? {} : { environment }),
      ...(name === undefined || name === "" ? {} : { name }),
      ...(flaky === true ? { flaky } : {}),
    });
  };
  return (
    <div className="check-filters">
      <EnvironmentField
        label="Where"
        none="everywhere"
        value={search.environment ?? ""}
        onChange={(environment) => narrow({ environment })}
      />
      <form
        className="field"
        onSubmit={(event) => {
          event.preventDefault();
          narrow({ name: typed.trim() });
        }}
      >
        <span aria-hidden="true">Which, then Enter</span>
        <SearchField label="The whole name of a check" value={typed} onChange={setTyped} />
      </form>
      <label className="check">
        <input
          type="checkbox"
          checked={search.flaky === true}
          onChange={({ target }) => narrow({ flaky: target.checked })}
        />
        Only flaky ones
      </label>
    </div>
  );
}

function Results({ search: { environment, name, flaky } }: { readonly search: ChecksSearch }): ReactElement {
  const chosen = {
    ...(environment === undefined ? {} : { environment }),
    ...(name === undefined ? {} : { name }),
    ...(flaky === true ? { flaky: "true" as const } : {}),
  };
  const pages = usePages<CheckOfWhatRuns, number>({
    key: ["checkResults", chosen],
    size,
    ask: (before, signal) =>
      client.call("checkResults", { ...chosen, limit: size, ...(before === undefined ? {} : { before }) }, signal),
    cursorOf: ({ id }) => id,
  });
  return (
    <>
      <Answered question={pages.question} rows={6}>
        {(found) =>
          found.length === 0 ? (
            <EmptyNote
              title={Object.keys(chosen).length === 0 ? "Nothing was asked of what runs yet" : "No result is like that"}
            >
              <p>
                A <code>checks</code> part of an environment in the configuration says what is asked after each
                deployment, and what again and again.
              </p>
            </EmptyNote>
          ) : (
            <ol className="rows card">
              {found.map((result) => (
                <CheckRow key={result.id} result={result} />
              ))}
            </ol>
          )
        }
      </Answered>
      <MoreRows pages={pages} />
    </>
  );
}
