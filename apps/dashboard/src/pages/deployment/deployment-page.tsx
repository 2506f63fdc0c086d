import type { Run } from "@fairway/api";
import type { State } from "@fairway/core";
import { outcomeWords } from "@fairway/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactElement, ReactNode } from "react";
import { asked } from "../../api/answers.ts";
import { Answered } from "../../components/answered.tsx";
import { AnsweredPage } from "../../components/answered-page.tsx";
import { Icon } from "../../components/icons.tsx";
import { Page, Section } from "../../components/page.tsx";
import { PlanView } from "../../components/plan-view.tsx";
import { RelativeTime, Took } from "../../components/relative-time.tsx";
import { StateBadge, StateMark } from "../../components/state-mark.tsx";
import { wordsOf } from "../../text/sgr.ts";
import { DeploymentActions } from "./deployment-actions.tsx";
import { deploymentRoute } from "./deployment-route.ts";
import { Evidence } from "./evidence.tsx";
import { PathGraph } from "./path-graph.tsx";
import { Rollouts } from "./rollouts.tsx";
import "./deployment.css";

/** Replicas are looked at this often while something moves, in milliseconds. */
const lookAgain = 1500;

/** One deployment: its way, what moves, what went wrong, and what can be done. */
export function DeploymentPage(): ReactElement {
  const { run: id } = deploymentRoute.useParams();
  const run = useQuery(asked("run", { run: id }));
  return (
    <AnsweredPage question={run} title={`Deployment ${id}`}>
      {(found) => <Deployment run={found} />}
    </AnsweredPage>
  );
}

function Deployment({ run }: { readonly run: Run }): ReactElement {
  const moving = run.endedAt === null;
  // One that has not begun is no deployment yet: that there is none says nothing.
  const deployment = useQuery({ ...asked("deployment", { run: run.id }), retry: false });
  const moves = useQuery({ ...asked("moves", { run: run.id }), refetchInterval: moving ? lookAgain : false });
  const analysis = useQuery(asked("analysis", { run: run.id }));
  const status = useQuery({ ...asked("status", {}), refetchInterval: moving ? lookAgain : false });
  const environment = status.data?.environments.find(({ name }) => name === run.environment);
  const evidence = deployment.data?.evidence ?? [];
  return (
    <Page
      title={run.title}
      heading={
        <span className="deployment-heading">
          <StateMark state={stateShown(run)} large />
          {run.title}
        </span>
      }
      lead={<Lead run={run} />}
      actions={<DeploymentActions run={run} deployment={deployment.data} environment={environment} />}
      command={`fairway deployments show ${run.id}`}
    >
      <Trouble run={run} isShown={evidence.length > 0} />
      {evidence.length === 0 ? null : (
        <Section title="What failed replicas left">
          <Evidence evidence={evidence} />
        </Section>
      )}
      <WhatWillHappen run={run} />
      <Section title="The way">
        <PathGraph run={run.id} jobs={run.jobs} />
      </Section>
      <Section title="Services">
        <Answered question={moves}>
          {(moved) => (
            <Answered question={analysis}>
              {(analysed) => (
                <Rollouts
                  jobs={run.jobs}
                  moves={moved}
                  analysis={analysed}
                  environment={moving || environment?.current?.run === run.id ? environment : undefined}
                  endedAt={run.endedAt}
                />
              )}
            </Answered>
          )}
        </Answered>
      </Section>
    </Page>
  );
}

/** Before a deployment has begun: exactly what it is going to do, as long as that still is what was asked about. */
function WhatWillHappen({
  run: { approval, environment, release, endedAt },
}: {
  readonly run: Run;
}): ReactElement | null {
  const asks = approval !== null && approval.step === null && approval.infrastructure === null && endedAt === null;
  const plan = useQuery({
    ...asked("plan", { environment: environment ?? "", ...(release === null ? {} : { release }) }),
    enabled: asks && environment !== null,
  });
  if (!asks || plan.data?.digest !== approval.digest) return null;
  return (
    <Section title="What will happen">
      <PlanView plan={plan.data} />
    </Section>
  );
}

const stateShown = ({ attention, paused, endedAt, state }: Run): State =>
  attention !== null ? "errored" : paused !== null && endedAt === null ? "waiting" : state;

/** The commit that a release was made of. */
function Commit({ release }: { readonly release: string }): ReactElement | null {
  const { data } = useQuery(asked("release", { release }));
  if (data === undefined) return null;
  const { subject, author, short } = data.revision;
  return (
    <p>
      <code>{short}</code> {subject} · {author}
    </p>
  );
}

function Lead({ run }: { readonly run: Run }): ReactElement {
  const { state, stopping, paused, requestedBy, createdAt, startedAt, endedAt, release, environment, outcome } = run;
  return (
    <>
      {release === null ? null : <Commit release={release} />}
      <p className="row row-wrap">
        <StateBadge
          state={paused !== null && endedAt === null ? "waiting" : state}
          word={
            endedAt === null
              ? stopping
                ? "being stopped"
                : paused === null
                  ? state
                  : "paused"
              : outcome === null
                ? state
                : outcomeWords(outcome)
          }
        />
        <span>
          {release} to {environment}, asked by {requestedBy} <RelativeTime at={createdAt} />
          {startedAt === null ? null : (
            <>
              , <Took from={startedAt} to={endedAt} />
            </>
          )}
        </span>
      </p>
    </>
  );
}

/** What somebody should know before everything else. */
function Trouble({
  run,
  isShown,
}: {
  readonly run: Run;
  /** Whether what failed replicas wrote stands below, and need not be here too. */
  readonly isShown: boolean;
}): ReactElement {
  const { attention, approval, lock, paused, jobs } = run;
  const failed = jobs.find(({ state, stage }) => (state === "failed" || state === "errored") && stage !== "restore");
  return (
    <>
      {attention === null ? null : (
        <Note tone="failed" title={attention.why}>
          {attention.action}
        </Note>
      )}
      {paused === null ? null : (
        <Note tone="waiting" title={`${paused.by} paused it${paused.because === null ? "" : `: ${paused.because}`}`}>
          Since <RelativeTime at={paused.since} />. It stays where it is until it is resumed or stopped.
        </Note>
      )}
      {approval === null ? null : (
        <Note tone="waiting" title={approval.step?.question ?? "A person must answer before this goes on"}>
          {approval.until}
        </Note>
      )}
      {lock === null ? null : (
        <Note tone="waiting" title={`Waits behind the lock of ${lock.by}`}>
          {lock.reason}
        </Note>
      )}
      {failed === undefined ? null : (
        <Note tone="failed" title={failed.reason?.split("\n")[0] ?? `${failed.name} ${failed.state}`}>
          <Link to="/runs/$run" params={{ run: run.id }} search={{ job: failed.name }}>
            {failed.name}
          </Link>
          {isShown || failed.reason === null || !failed.reason.includes("\n") ? null : (
            <span className="deployment-reason">{failed.reason.split("\n").slice(1).map(wordsOf).join("\n")}</span>
          )}
        </Note>
      )}
    </>
  );
}

function Note({
  tone,
  title,
  children,
}: {
  readonly tone: "failed" | "waiting";
  readonly title: string;
  readonly children: ReactNode;
}): ReactElement {
  return (
    <div className="note" data-tone={tone}>
      <Icon name={tone === "failed" ? "cross" : "pause"} />
      <div>
        <p className="note-title">{title}</p>
        <div>{children}</div>
      </div>
    </div>
  );
}
