import type { JobShape, Run } from "@fairway/api";
import { can } from "@fairway/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useLocation } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { useMemo, useState } from "react";
import { RetryDialog } from "../../actions/retry-dialog.tsx";
import { StopDialog } from "../../actions/stop-dialog.tsx";
import { asked } from "../../api/answers.ts";
import { allOf } from "../../api/may.ts";
import { useWho } from "../../api/who.ts";
import { ActionButton } from "../../components/action-button.tsx";
import { AnsweredPage } from "../../components/answered-page.tsx";
import { Icon } from "../../components/icons.tsx";
import { Page } from "../../components/page.tsx";
import { RelativeTime, Took } from "../../components/relative-time.tsx";
import { StateBadge, StateMark } from "../../components/state-mark.tsx";
import { FewInList } from "../../components/few-in-list.tsx";
import { lineRangeOf } from "../../logs/line-range.ts";
import { jobWords } from "../../text/job-words.ts";
import { chosen } from "./chosen.ts";
import { JobPanel } from "./job-panel.tsx";
import { runRoute } from "./run-route.ts";
import "./run.css";

/** One run: its jobs at the side, and the one that matters with what it wrote. */
export function RunPage(): ReactElement {
  const { run: id } = runRoute.useParams();
  const run = useQuery(asked("run", { run: id }));
  return (
    <AnsweredPage question={run} title={`Run ${id}`} rows={10}>
      {(found) => <Found run={found} />}
    </AnsweredPage>
  );
}

function Found({ run }: { readonly run: Run }): ReactElement {
  const search = runRoute.useSearch();
  const { job, step } = chosen(run, search);
  const hash = useLocation({ select: (location) => location.hash });
  // A range of its own each time would be drawn anew each time.
  const range = useMemo(
    () => lineRangeOf(hash) ?? (search.line === undefined ? null : { first: search.line, last: search.line }),
    [hash, search.line],
  );
  const { state, requestedBy, createdAt, startedAt, endedAt, attention, kind, next } = run;
  return (
    <Page
      title={run.title}
      heading={
        <span className="run-heading">
          <StateMark state={attention === null ? state : "errored"} large />
          {run.title}
        </span>
      }
      lead={
        <p className="row row-wrap">
          <StateBadge state={state} />
          <span>
            asked by {requestedBy} <RelativeTime at={createdAt} />
            {startedAt === null ? null : (
              <>
                , <Took from={startedAt} to={endedAt} />
              </>
            )}
          </span>
          {kind === "deployment" ? (
            <Link to="/deployments/$run" params={{ run: run.id }}>
              The deployment
            </Link>
          ) : null}
          {next.map((each) => (
            <Link key={each} to="/deployments/$run" params={{ run: each }}>
              started {each}
            </Link>
          ))}
        </p>
      }
      actions={<RunActions run={run} />}
      command={`fairway run show ${run.id}`}
    >
      {attention === null ? null : (
        <div className="note" data-tone="failed">
          <Icon name="bang" />
          <div>
            <p className="note-title">{attention.why}</p>
            <p>{attention.action}</p>
          </div>
        </div>
      )}
      <div className="run">
        <JobList run={run} open={job?.name} />
        {job === undefined ? null : <JobPanel run={run} job={job} step={step} range={range} />}
      </div>
    </Page>
  );
}

/** By the kind of work, in the order in which it comes. */
function JobList({ run, open }: { readonly run: Run; readonly open: string | undefined }): ReactElement {
  const stages = [...new Set(run.jobs.map(({ stage }) => stage))];
  const groups = stages.map((stage) => [stage, run.jobs.filter((job) => job.stage === stage)] as const);
  return (
    <nav className="run-jobs card" aria-label="Jobs">
      {groups.map(([stage, jobs]) => (
        <div key={stage}>
          {jobs.length > 1 || jobs.some((job) => jobWords(job).kind !== "") ? (
            <p className="run-stage">{jobs[0] === undefined ? stage : jobWords(jobs[0]).kind || stage}</p>
          ) : null}
          <ul>
            <FewInList rows={jobs}>
              {(job) => (
                <li key={job.name}>
                  <Link
                    to="/runs/$run"
                    params={{ run: run.id }}
                    search={{ job: job.name }}
                    className="run-job"
                    aria-current={job.name === open ? "true" : undefined}
                    data-row
                  >
                    <JobRow job={job} />
                  </Link>
                </li>
              )}
            </FewInList>
          </ul>
        </div>
      ))}
    </nav>
  );
}

function JobRow({ job }: { readonly job: JobShape }): ReactElement {
  return (
    <>
      <StateMark state={job.state} />
      <span className="cut">{jobWords(job).title}</span>
      <span className="sr-only">{job.state}</span>
      {job.startedAt === null ? null : (
        <span className="run-job-took">
          <Took from={job.startedAt} to={job.endedAt} />
        </span>
      )}
    </>
  );
}

function RunActions({ run }: { readonly run: Run }): ReactElement {
  const { may } = useWho();
  const [open, setOpen] = useState<"stop" | "retry" | null>(null);
  const close = (): void => setOpen(null);
  const change = may("change", run.environment ?? undefined);
  return (
    <>
      {run.endedAt === null ? (
        <ActionButton tone="danger" possible={allOf(change, can.cancel(run))} onPress={() => setOpen("stop")}>
          Stop
        </ActionButton>
      ) : run.state === "succeeded" ? null : (
        <ActionButton possible={allOf(change, can.retry(run))} onPress={() => setOpen("retry")}>
          Try again
        </ActionButton>
      )}
      {open === "stop" ? <StopDialog run={run} from={null} begun={run.kind === "deployment"} onClose={close} /> : null}
      {open === "retry" ? (
        <RetryDialog run={run.id} interrupted={run.attention?.interrupted ?? null} onClose={close} />
      ) : null}
    </>
  );
}
