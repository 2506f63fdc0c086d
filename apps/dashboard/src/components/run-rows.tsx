import type { RunSummary } from "@fairway/api";
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { RelativeTime, Took } from "./relative-time.tsx";
import { StateMark } from "./state-mark.tsx";

/** Runs as a list; each leads to its page. */
export function RunRows({ runs }: { readonly runs: readonly RunSummary[] }): ReactElement {
  return (
    <ul className="rows card">
      {runs.map((run) => (
        <RunRow key={run.id} run={run} />
      ))}
    </ul>
  );
}

/** One run as a row. */
function RunRow({ run }: { readonly run: RunSummary }): ReactElement {
  const { id, kind, title, state, stopping, paused, attention, requestedBy, createdAt, startedAt, endedAt } = run;
  return (
    <li>
      <Link
        to={kind === "deployment" ? "/deployments/$run" : "/runs/$run"}
        params={{ run: id }}
        className="rows-link"
        data-row
      >
        <StateMark state={attention !== null ? "errored" : paused === null ? state : "waiting"} />
        <span className="rows-main">
          <span className="rows-title">{title}</span>
          <span className="rows-more">
            {attention?.why ?? (stopping ? "being stopped" : paused === null ? state : `paused by ${paused.by}`)}
          </span>
        </span>
        <span className="rows-side">
          <span>{requestedBy}</span>
          <span>{startedAt === null ? null : <Took from={startedAt} to={endedAt} />}</span>
          <RelativeTime at={endedAt ?? createdAt} />
          <span className="mono">{id}</span>
        </span>
      </Link>
    </li>
  );
}
