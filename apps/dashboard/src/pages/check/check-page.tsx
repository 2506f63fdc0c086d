import type { WholeCheckResult } from "@fairway/api";
import { hrefOf } from "@fairway/api/client";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { asked } from "../../api/answers.ts";
import { AnsweredPage } from "../../components/answered-page.tsx";
import { EmptyNote } from "../../components/answered.tsx";
import { CopyText } from "../../components/copy-text.tsx";
import { useFewAtATime } from "../../components/few-at-a-time.tsx";
import { Page, Section } from "../../components/page.tsx";
import { RelativeTime } from "../../components/relative-time.tsx";
import { StateBadge, StateMark } from "../../components/state-mark.tsx";
import { duration } from "../../text/time.ts";
import { checkLook, occasionWords } from "./check-look.ts";
import { checkRoute } from "./check-route.ts";
import "./check.css";

/** One result: what failed first, with what its request was called and what was asked and answered. */
export function CheckPage(): ReactElement {
  const { result } = checkRoute.useParams();
  const whole = useQuery(asked("checkResult", { result: Number(result) }));
  return (
    <AnsweredPage question={whole} title={`Check ${result}`}>
      {(found) => <Whole result={found} />}
    </AnsweredPage>
  );
}

function Whole({ result }: { readonly result: WholeCheckResult }): ReactElement {
  const { id, name, environment, release, kind, occasion, location, status, summary, run, startedAt, took } = result;
  const { state, words } = checkLook(status);
  return (
    <Page
      title={`${name} in ${environment}`}
      heading={
        <span className="row">
          <StateMark state={state} large />
          {name} in {environment}
        </span>
      }
      lead={
        <>
          <p className="row row-wrap">
            <StateBadge state={state} word={words} />
            <span>
              {kind} of{" "}
              <Link to="/releases/$release" params={{ release }}>
                {release}
              </Link>
              , {occasionWords[occasion]}
              {location === "here" ? "" : ` from ${location}`} <RelativeTime at={startedAt} />, {duration(took)}
              {run === null ? null : (
                <>
                  {" "}
                  ·{" "}
                  <Link to="/runs/$run" params={{ run }}>
                    {run}
                  </Link>
                </>
              )}
            </span>
          </p>
          <p>{summary}</p>
        </>
      }
      command={`fairway checks show ${id}`}
    >
      <Figures figures={result.figures} />
      <Left id={id} files={result.files} />
      <Section title="Tests">
        <Tests result={result} />
      </Section>
    </Page>
  );
}

function Figures({ figures }: { readonly figures: WholeCheckResult["figures"] }): ReactElement | null {
  const all = Object.entries(figures);
  if (all.length === 0) return null;
  return (
    <Section title="Figures">
      <dl className="facts card check-facts">
        {all.map(([what, value]) => (
          <div key={what} className="check-fact">
            <dt>{what}</dt>
            <dd className="num">{Math.round(value * 100) / 100}</dd>
          </div>
        ))}
      </dl>
    </Section>
  );
}

/** Screenshots and HARs that it left. */
function Left({ id, files }: { readonly id: number; readonly files: WholeCheckResult["files"] }): ReactElement | null {
  if (files.length === 0) return null;
  return (
    <Section title="What it left">
      <ul className="check-files">
        {files.map(({ name, type }) => {
          const href = `.${hrefOf("checkFile", { result: id, file: name })}`;
          return (
            <li key={name} className="card check-file">
              {type.startsWith("image/") ? <img src={href} alt={`Screenshot ${name}`} loading="lazy" /> : null}
              <a href={href} download data-row>
                {name}
              </a>{" "}
              <span className="muted">{type}</span>
            </li>
          );
        })}
      </ul>
    </Section>
  );
}

const order = { failed: 0, passed: 1, skipped: 2 } as const;

function Tests({ result: { tests, flaky } }: { readonly result: WholeCheckResult }): ReactElement {
  const { shown, more } = useFewAtATime(tests.toSorted((one, other) => order[one.state] - order[other.state]));
  if (tests.length === 0) return <EmptyNote title="It told of no single test" />;
  return (
    <>
      <ol className="rows card">
        {shown.map((test, index) => (
          <li key={`${test.name} ${index}`} className="check-test">
            <StateMark
              state={test.state === "passed" ? "succeeded" : test.state === "failed" ? "failed" : "aborted"}
              large
            />
            <div className="check-test-words">
              <p>
                <strong>{test.name}</strong>{" "}
                <span className="muted">
                  {test.state}, {duration(test.took)}
                </span>
                {flaky.includes(test.name) ? <span className="chip">flaky</span> : null}
              </p>
              {test.message === null ? null : <p className="check-message">{test.message}</p>}
              {test.requestId === null ? null : (
                <p className="muted">
                  Its request was called <CopyText text={test.requestId} label="the request's id" />
                </p>
              )}
              {test.exchange === null ? null : (
                <details open={test.state === "failed"}>
                  <summary data-row>What was asked and answered</summary>
                  <pre className="check-exchange" tabIndex={0}>
                    {test.exchange}
                  </pre>
                </details>
              )}
            </div>
          </li>
        ))}
      </ol>
      {more}
    </>
  );
}
