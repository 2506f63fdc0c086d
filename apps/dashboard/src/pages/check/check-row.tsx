import type { CheckOfWhatRuns } from "@fairway/api";
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { RelativeTime } from "../../components/relative-time.tsx";
import { StateMark } from "../../components/state-mark.tsx";
import { duration } from "../../text/time.ts";
import { checkLook, occasionWords } from "./check-look.ts";

/** One result, as a row that leads to all of it. */
export function CheckRow({
  result: { id, environment, release, name, occasion, location, status, summary, flaky, startedAt, took },
}: {
  readonly result: CheckOfWhatRuns;
}): ReactElement {
  const { state, words } = checkLook(status);
  return (
    <li>
      <Link to="/checks/$result" params={{ result: String(id) }} className="rows-link" data-row>
        <StateMark state={state} large />
        <span className="rows-main">
          <span className="rows-title">{name}</span>
          <span className="rows-more check-more">
            {words} · {summary}
            {flaky.length === 0 ? null : <> · flaky: {flaky.slice(0, 3).join(", ")}</>}
          </span>
          <span className="rows-more">
            in {environment}, {occasionWords[occasion]}
            {location === "here" ? "" : ` from ${location}`}
          </span>
        </span>
        <span className="rows-side">
          <span>{release}</span>
          <span className="num">{duration(took)}</span>
          <RelativeTime at={startedAt} />
          <span className="mono">{id}</span>
        </span>
      </Link>
    </li>
  );
}
