import type { SyntheticShape } from "@fairway/api";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { asked } from "../../api/answers.ts";
import { Answered, EmptyNote } from "../../components/answered.tsx";
import { useFewAtATime } from "../../components/few-at-a-time.tsx";
import { RelativeTime } from "../../components/relative-time.tsx";
import { StateBadge } from "../../components/state-mark.tsx";
import { duration } from "../../text/time.ts";
import { linePath } from "../deployment/line-path.ts";
import { checkLook } from "./check-look.ts";

/** How often journeys are looked at again, in milliseconds: that one is missed happens without an event. */
const lookAgain = 30_000;

/** The journeys that are made by the clock: how each stands, how often it failed, and how long it took. */
export function Synthetics({
  environment,
  days,
}: {
  readonly environment?: string;
  readonly days: number;
}): ReactElement {
  const synthetics = useQuery({
    ...asked("synthetics", { days, ...(environment === undefined ? {} : { environment }) }),
    refetchInterval: lookAgain,
    placeholderData: (before) => before,
  });
  return (
    <Answered question={synthetics} rows={3}>
      {(found) =>
        found.length === 0 ? (
          <EmptyNote title="No journey is made again and again">
            <p>
              A check with <code>every</code> in the configuration is.
            </p>
          </EmptyNote>
        ) : (
          <Cards synthetics={found} />
        )
      }
    </Answered>
  );
}

function Cards({ synthetics }: { readonly synthetics: readonly SyntheticShape[] }): ReactElement {
  const { shown, more } = useFewAtATime(synthetics);
  return (
    <>
      <div className="check-cards">
        {shown.map((each) => (
          <Card key={`${each.environment} ${each.name} ${each.location}`} synthetic={each} />
        ))}
      </div>
      {more}
    </>
  );
}

function Card({ synthetic }: { readonly synthetic: SyntheticShape }): ReactElement {
  const { environment, name, location, every, status, lastAt, dueAt, missed, runs, failed, noData } = synthetic;
  const { state, words } = checkLook(status);
  return (
    <article className="card check-card" aria-label={`${name} in ${environment}`}>
      <header className="check-card-head">
        <h3>
          <Link to="/checks" search={{ environment, name }}>
            {name}
          </Link>
        </h3>
        <StateBadge state={missed === null ? state : "errored"} word={missed === null ? words : "missed"} />
      </header>
      <p className="muted">
        {environment}
        {location === "here" ? "" : ` from ${location}`}, every {duration(every)} ·{" "}
        {missed === null ? (
          <>
            {lastAt === null ? "not made yet" : <RelativeTime at={lastAt} />}
            {dueAt === null ? null : (
              <>
                , next <RelativeTime at={dueAt} />
              </>
            )}
          </>
        ) : (
          <>
            was due <RelativeTime at={missed} />
          </>
        )}
      </p>
      <p className="num">
        {runs === 0
          ? "Not once in this time"
          : `${runs} times: ${failed} failed${noData === 0 ? "" : `, ${noData} could not be made`}`}
      </p>
      <Times synthetic={synthetic} />
    </article>
  );
}

const box = { width: 300, height: 56 };
const inWords = (millis: number | null): string => (millis === null ? "–" : duration(millis));

/** p50 and p95 over the time, with a mark where one failed. */
function Times({ synthetic: { name, points, p50, p95 } }: { readonly synthetic: SyntheticShape }): ReactElement | null {
  if (points.length === 0) return null;
  const highest = Math.max(...points.map((point) => point.p95 ?? 0), 1);
  const step = points.length > 1 ? box.width / (points.length - 1) : 0;
  return (
    <figure className="check-chart">
      <figcaption>
        <span className="check-key" data-key="p50">
          p50 {inWords(p50)}
        </span>
        <span className="check-key" data-key="p95">
          p95 {inWords(p95)}
        </span>
        <span className="check-key" data-key="failed">
          failed
        </span>
      </figcaption>
      <svg
        viewBox={`0 0 ${box.width} ${box.height}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`${name} took ${inWords(p50)} in the middle, and at most ${inWords(p95)} in 95 of 100 times`}
      >
        {points.map(({ at, failed }, index) =>
          failed === 0 ? null : (
            <rect
              key={at}
              className="check-failed"
              x={Math.max(0, index * step - 1)}
              y={0}
              width={2}
              height={box.height}
            />
          ),
        )}
        <path
          className="check-p50"
          d={linePath(
            points.map((point) => point.p50),
            highest,
            box,
          )}
        />
        <path
          className="check-p95"
          d={linePath(
            points.map((point) => point.p95),
            highest,
            box,
          )}
        />
      </svg>
    </figure>
  );
}
