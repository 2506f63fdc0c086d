import type { AnalysisShape, EnvironmentShape, JobShape, MovesShape } from "@fairway/api";
import type { ReactElement } from "react";
import { useState } from "react";
import { EmptyNote } from "../../components/answered.tsx";
import { ReplicaDots } from "../../components/replica-dots.tsx";
import { StateBadge } from "../../components/state-mark.tsx";
import { ReplicaLogs } from "../run/replica-logs.tsx";
import { AnalysisOf } from "./analysis-of.tsx";
import { MovesChart } from "./moves-chart.tsx";

/** Every service that moves: where it stands, replicas of both releases as they are now, and how it came there. */
export function Rollouts({
  jobs,
  moves,
  analysis,
  environment,
}: {
  readonly jobs: readonly JobShape[];
  readonly moves: MovesShape;
  readonly analysis: AnalysisShape;
  readonly environment: EnvironmentShape | undefined;
}): ReactElement {
  const rollouts = jobs.filter(({ stage }) => stage === "rollout");
  if (rollouts.length === 0) return <EmptyNote title="No service moves in this deployment" />;
  return (
    <div className="rollouts">
      {rollouts.map((job) => {
        const service = job.name.replace(/^rollout:/, "");
        const moved = moves.find((each) => each.service === service);
        const seen = analysis.find((each) => each.service === service);
        const now = environment?.services.find(({ name }) => name === service);
        const last = moved?.moves.at(-1);
        return (
          <article key={job.name} className="card rollout" aria-label={service}>
            <header>
              <h3>{service}</h3>
              <StateBadge state={job.state} />
            </header>
            <p className="rollout-message">{job.reason ?? job.message ?? " "}</p>
            {moved === undefined || last === undefined ? null : (
              <dl className="rollout-numbers">
                <div>
                  <dt>{moved.from ?? "before"}</dt>
                  <dd>
                    <Count ready={last.old.ready} running={last.old.running} failed={last.old.failed} />
                  </dd>
                </div>
                <div>
                  <dt>{moved.to}</dt>
                  <dd>
                    <Count ready={last.new.ready} running={last.new.running} failed={last.new.failed} />
                  </dd>
                </div>
                {last.weight === null ? null : (
                  <div>
                    <dt>traffic</dt>
                    <dd className="num">{last.weight} %</dd>
                  </div>
                )}
              </dl>
            )}
            {now === undefined ? null : (
              <p className="rollout-now">
                <span className="muted">now</span>
                <ReplicaDots
                  replicas={now.replicas}
                  desired={now.desired}
                  ready={now.ready}
                  current={moved?.to ?? environment?.current?.release ?? null}
                />
              </p>
            )}
            {moved === undefined ? null : <MovesChart service={moved} endedAt={job.endedAt} />}
            {seen === undefined || seen.looks.length === 0 ? null : <AnalysisOf looks={seen.looks} />}
            {moved === undefined || environment === undefined || job.startedAt === null ? null : (
              <ServiceLog environment={environment.name} service={service} release={moved.to} />
            )}
          </article>
        );
      })}
    </div>
  );
}

/** What the new replicas write, once somebody wants to read it. */
function ServiceLog({
  environment,
  service,
  release,
}: {
  readonly environment: string;
  readonly service: string;
  readonly release: string;
}): ReactElement {
  const [open, setOpen] = useState(false);
  return (
    <details className="rollout-log" onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>
        Log of {service} {release}
      </summary>
      {open ? <ReplicaLogs environment={environment} service={service} release={release} /> : null}
    </details>
  );
}

function Count({
  ready,
  running,
  failed,
}: {
  readonly ready: number;
  readonly running: number;
  readonly failed: number;
}): ReactElement {
  return (
    <span className="num">
      {ready}
      <span className="muted">{running > ready ? ` of ${running} ready` : " ready"}</span>
      {failed > 0 ? <span className="rollout-failed"> · {failed} failed</span> : null}
    </span>
  );
}
