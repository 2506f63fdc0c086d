import type { JobShape, Run } from "@fairway/api";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { useCallback } from "react";
import { asked } from "../../api/answers.ts";
import { WhyNone } from "../../components/answered.tsx";
import { Icon } from "../../components/icons.tsx";
import { Took } from "../../components/relative-time.tsx";
import { StateBadge, StateMark } from "../../components/state-mark.tsx";
import { FewInList } from "../../components/few-in-list.tsx";
import type { LineRange } from "../../logs/line-range.ts";
import { hashOfRange } from "../../logs/line-range.ts";
import { LogView } from "../../logs/log-view.tsx";
import { jobWords } from "../../text/job-words.ts";
import { Findings } from "./findings.tsx";
import { ReplicaLogs } from "./replica-logs.tsx";
import { stepState } from "./step-state.ts";

type Step = JobShape["steps"][number];

/** One job: how it stands and why, its steps, what its checks found, and the log of the step that is open. */
export function JobPanel({
  run,
  job,
  step,
  range,
}: {
  readonly run: Run;
  readonly job: JobShape;
  readonly step: Step | undefined;
  /** The lines of its log that a link is about. */
  readonly range: LineRange | null;
}): ReactElement {
  const navigate = useNavigate();
  const checks = useQuery({ ...asked("checks", { run: run.id }), enabled: run.kind === "release" });
  const result = checks.data?.results.find((each) => each.job === job.name);
  const { title, kind } = jobWords(job);
  const stepName = step?.name;
  const goTo = useCallback(
    (to: LineRange): void =>
      void navigate({
        to: "/runs/$run",
        params: { run: run.id },
        search: { job: job.name, ...(stepName === undefined ? {} : { step: stepName }) },
        hash: hashOfRange(to),
        hashScrollIntoView: false,
        replace: true,
        resetScroll: false,
      }),
    [navigate, run.id, job.name, stepName],
  );
  return (
    <section className="run-panel" aria-label={title}>
      <header className="run-panel-head">
        <h2>
          {kind === "" ? "" : <span className="muted">{kind} </span>}
          {title}
        </h2>
        <StateBadge state={job.state} />
        {job.attempt > 1 ? <span className="chip">attempt {job.attempt}</span> : null}
        {job.startedAt === null ? null : (
          <span className="muted">
            <Took from={job.startedAt} to={job.endedAt} />
          </span>
        )}
      </header>
      {job.reason === null ? (
        job.message === null ? null : (
          <p className="muted run-panel-message">{job.message}</p>
        )
      ) : (
        <div className="note" data-tone={job.state === "failed" || job.state === "errored" ? "failed" : "plain"}>
          <Icon name="cross" />
          <p className="run-reason">{job.reason}</p>
        </div>
      )}
      <WhyNone question={checks} />
      {result === undefined ? null : <Findings result={result} />}
      {job.steps.length === 0 ? null : (
        <ul className="run-steps">
          <FewInList rows={job.steps}>
            {(each) => (
              <li key={each.name}>
                <Link
                  to="/runs/$run"
                  params={{ run: run.id }}
                  search={{ job: job.name, step: each.name }}
                  resetScroll={false}
                  className="run-step"
                  aria-current={each.name === step?.name ? "true" : undefined}
                >
                  <StateMark state={stepState(job, each)} />
                  <span className="cut">{each.title ?? each.name}</span>
                  <span className="sr-only">{stepState(job, each)}</span>
                  <span className="run-job-took">
                    {each.startedAt === null ? null : <Took from={each.startedAt} to={each.endedAt} />}
                  </span>
                </Link>
              </li>
            )}
          </FewInList>
        </ul>
      )}
      {run.kind === "deployment" ? (
        job.stage === "rollout" && run.environment !== null ? (
          <ReplicaLogs
            environment={run.environment}
            service={job.name.replace(/^rollout:/, "")}
            release={run.release}
          />
        ) : null
      ) : step === undefined || step.state === "pending" ? null : (
        <LogView
          key={`${job.name} ${step.name}`}
          source={{ run: run.id, job: job.name, step: step.name }}
          live={step.endedAt === null}
          range={range}
          onRange={goTo}
        />
      )}
    </section>
  );
}
