import type { JobShape } from "@fairway/api";
import { isTerminal } from "@fairway/core";
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { Took } from "../../components/relative-time.tsx";
import { StateMark } from "../../components/state-mark.tsx";
import { jobWords } from "../../text/job-words.ts";
import { cellOf, layOut } from "./path-layout.ts";

/** The way of a deployment, job by job: what is done, what moves, what it waits for. On a narrow screen a list. */
export function PathGraph({ run, jobs }: { readonly run: string; readonly jobs: readonly JobShape[] }): ReactElement {
  // The way back is part of the picture only when it is taken.
  const shown = jobs.filter(({ stage, startedAt }) => stage !== "restore" || startedAt !== null);
  const { placed, edges, columns, rows } = layOut(shown);
  const cell = cellOf(columns);
  const middle = (row: number): number => row * (cell.height + cell.gapY) + cell.height / 2;
  const at = new Map(placed.map((each) => [each.job.name, each]));
  const size = {
    width: columns * (cell.width + cell.gapX) - cell.gapX,
    height: rows * (cell.height + cell.gapY) - cell.gapY,
  };
  return (
    <div className="path card" role="region" aria-label="The way of this deployment" tabIndex={0}>
      <div className="path-inner" style={{ width: size.width, height: size.height }}>
        <svg className="path-lines" width={size.width} height={size.height} aria-hidden="true" focusable="false">
          {edges.map(({ from, to }) => {
            const [one, other] = [at.get(from), at.get(to)];
            if (one === undefined || other === undefined) return null;
            const [x1, y1] = [one.column * (cell.width + cell.gapX) + cell.width, middle(one.row)];
            const [x2, y2] = [other.column * (cell.width + cell.gapX), middle(other.row)];
            const bend = cell.gapX / 2;
            return (
              <path
                key={`${from} ${to}`}
                data-done={one.job.state === "succeeded" ? "" : undefined}
                d={`M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`}
              />
            );
          })}
        </svg>
        <ol className="path-jobs">
          {placed.map(({ job, column, row }) => (
            <li
              key={job.name}
              style={{
                left: column * (cell.width + cell.gapX),
                top: row * (cell.height + cell.gapY),
                width: cell.width,
                height: cell.height,
              }}
            >
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
          <span className="cut">{more === "" ? state : more}</span>
          {startedAt === null ? null : <Took from={startedAt} to={endedAt} />}
        </span>
      </span>
      <span className="sr-only">{state}</span>
    </Link>
  );
}
