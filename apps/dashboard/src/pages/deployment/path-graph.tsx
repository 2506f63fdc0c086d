import type { JobShape } from "@fairway/api";
import { isTerminal } from "@fairway/core";
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { Took } from "../../components/relative-time.tsx";
import { StateMark } from "../../components/state-mark.tsx";
import { jobWords } from "../../text/job-words.ts";
import { draw, layOut } from "./path-layout.ts";

/** The way of a deployment, job by job: what is done, what moves, what it waits for. On a narrow screen a list. */
export function PathGraph({ run, jobs }: { readonly run: string; readonly jobs: readonly JobShape[] }): ReactElement {
  // The way back is part of the picture only when it is taken.
  const shown = jobs.filter(({ stage, startedAt }) => stage !== "restore" || startedAt !== null);
  const { width, height, cell, places, lines } = draw(layOut(shown));
  const isDone = new Set(shown.filter(({ state }) => state === "succeeded").map(({ name }) => name));
  return (
    <div className="path card" role="region" aria-label="The way of this deployment" tabIndex={0}>
      <div className="path-inner" style={{ width, height }}>
        <svg className="path-lines" width={width} height={height} aria-hidden="true" focusable="false">
          {lines.map(({ from, to, d }) => (
            <path key={`${from} ${to}`} data-done={isDone.has(from) ? "" : undefined} d={d} />
          ))}
        </svg>
        <ol className="path-jobs">
          {places.map(({ job, left, top }) => (
            <li key={job.name} style={{ left, top, ...cell }}>
              <PathJob run={run} job={job} />
            </li>
          ))}
        </ol>
      </div>
    </div>
  );
}

function PathJob({ run, job }: { readonly run: string; readonly job: JobShape }): ReactElement {
  const { name, state, message, startedAt, endedAt } = job;
  const { title, kind } = jobWords(job);
  const more = isTerminal(state) || state === "pending" ? kind : (message ?? kind);
  // What the mark says as well is left out beside how long it took.
  const words = more === "" && state !== "succeeded" ? state : more;
  return (
    <Link
      to="/runs/$run"
      params={{ run }}
      search={{ job: name }}
      className="path-job"
      data-state={state}
      data-row
      title={`${title}: ${state}${message === null ? "" : `, ${message}`}`}
    >
      <StateMark state={state} />
      <span className="path-job-words">
        <span className="cut">{title}</span>
        <span className="path-job-more">
          <span className="cut">{words}</span>
          {startedAt === null ? null : <Took from={startedAt} to={endedAt} />}
        </span>
      </span>
      <span className="sr-only">{state}</span>
    </Link>
  );
}
