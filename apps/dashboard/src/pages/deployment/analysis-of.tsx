import type { AnalysisShape } from "@fairway/api";
import type { State } from "@fairway/core";
import type { ReactElement } from "react";
import { RelativeTime } from "../../components/relative-time.tsx";
import { StateMark } from "../../components/state-mark.tsx";
import { linePath } from "./line-path.ts";

type Look = AnalysisShape[number]["looks"][number];

const stateOf: Readonly<Record<Look["verdict"], State>> = {
  none: "pending",
  pending: "running",
  pass: "succeeded",
  fail: "failed",
  inconclusive: "waiting",
  "no-data": "waiting",
};

const errorRate = ({ requests, errors }: Look["candidate"]): number | null =>
  requests === 0 ? null : (errors / requests) * 100;

/** How the new release did beside the old one, look by look, and what that was taken for. */
export function AnalysisOf({ looks }: { readonly looks: readonly Look[] }): ReactElement {
  const last = looks.at(-1);
  return (
    <div className="analysis">
      {last === undefined ? null : (
        <p className="analysis-verdict">
          <StateMark state={stateOf[last.verdict]} />
          <span>
            {last.verdict === "none" ? "Nothing judges it" : <strong>{last.verdict}</strong>} {last.reason}{" "}
            <span className="muted">
              <RelativeTime at={last.at} />
            </span>
          </span>
        </p>
      )}
      {looks.some(({ candidate, stable }) => candidate.requests + stable.requests > 0) ? (
        <div className="analysis-charts">
          <Chart title="Errors" unit="%" looks={looks} value={errorRate} />
          <Chart title="p99" unit="ms" looks={looks} value={({ p99 }) => p99} />
        </div>
      ) : (
        <p className="muted">Nobody has asked either release for anything yet, so there is nothing to compare.</p>
      )}
    </div>
  );
}

const box = { width: 300, height: 64 };

function Chart({
  title,
  unit,
  looks,
  value,
}: {
  readonly title: string;
  readonly unit: string;
  readonly looks: readonly Look[];
  readonly value: (side: Look["candidate"]) => number | null;
}): ReactElement {
  const candidate = looks.map((look) => value(look.candidate));
  const stable = looks.map((look) => value(look.stable));
  const highest = Math.max(...[...candidate, ...stable].map((each) => each ?? 0), Number.MIN_VALUE);
  const words = (each: number | null | undefined): string =>
    each === null || each === undefined ? "–" : `${each < 10 ? each.toFixed(1) : Math.round(each)} ${unit}`;
  return (
    <figure className="analysis-chart">
      <figcaption>
        <strong>{title}</strong>
        <span className="moves-key" data-key="new">
          {words(candidate.at(-1))}
        </span>
        <span className="moves-key" data-key="old">
          {words(stable.at(-1))}
        </span>
      </figcaption>
      <svg
        viewBox={`0 0 ${box.width} ${box.height}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`${title}: new release ${words(candidate.at(-1))}, old release ${words(stable.at(-1))}`}
      >
        <path className="line-old" d={linePath(stable, highest, box)} />
        <path className="line-new" d={linePath(candidate, highest, box)} />
      </svg>
    </figure>
  );
}
