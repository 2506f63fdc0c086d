import type { AnalysisShape, EnvironmentShape, JobShape, MovesShape } from "@fairway/api";
import type { ReactElement } from "react";
import { useState } from "react";
import { EmptyNote } from "../../components/answered.tsx";
import { ChainPlace, ContractAddresses } from "../../components/chain-place.tsx";
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
  endedAt,
}: {
  readonly jobs: readonly JobShape[];
  readonly moves: MovesShape;
  readonly analysis: AnalysisShape;
  readonly environment: EnvironmentShape | undefined;
  /** When the deployment ended; a service that did not get its turn moves no more then. */
  readonly endedAt: string | null;
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
        return (
          <article key={job.name} className="card rollout" aria-label={service}>
            <header>
              <h3>{service}</h3>
              <StateBadge state={job.state} />
            </header>
            <Message of={job.reason ?? job.message ?? " "} />
            {moved === undefined ? null : <Numbers moved={moved} />}
            {now === undefined ? null : (
              <Now service={now} release={moved?.to ?? environment?.current?.release ?? null} />
            )}
            {moved === undefined || moved.onChain ? null : (
              <MovesChart service={moved} endedAt={job.endedAt ?? endedAt} />
            )}
            {seen === undefined || seen.looks.length === 0 ? null : <AnalysisOf looks={seen.looks} />}
            {moved === undefined || environment === undefined || job.startedAt === null || moved.onChain ? null : (
              <ServiceLog environment={environment.name} service={service} release={moved.to} />
            )}
          </article>
        );
      })}
    </div>
  );
}

/** Its first line says what it is; the rest, which may be a whole log, is for who wants it. */
function Message({ of: text }: { readonly of: string }): ReactElement {
  const [first = "", ...rest] = text.split("\n");
  return (
    <div className="rollout-message">
      <p>{first}</p>
      {rest.length === 0 ? null : (
        <details>
          <summary>All that it says</summary>
          <p>{rest.join("\n")}</p>
        </details>
      )}
    </div>
  );
}

/** What of both releases stands as of the last move, and the share of traffic. */
function Numbers({ moved: { from, to, onChain, moves } }: { readonly moved: MovesShape[number] }): ReactElement | null {
  const last = moves.at(-1);
  if (last === undefined) return null;
  return (
    <dl className="rollout-numbers">
      {/* An upgrade leaves nothing of what was there before: its address is the new one's. */}
      {onChain ? null : (
        <div>
          <dt>{from ?? "before"}</dt>
          <dd>
            <Count {...last.old} />
          </dd>
        </div>
      )}
      <div>
        <dt>{to}</dt>
        <dd>{onChain ? last.new.ready > 0 ? "in place" : "not in place" : <Count {...last.new} />}</dd>
      </div>
      {last.weight === null || onChain ? null : (
        <div>
          <dt>traffic</dt>
          <dd className="num">{last.weight} %</dd>
        </div>
      )}
    </dl>
  );
}

/** What really runs of it, or where its contracts are. */
function Now({
  service: { replicas, desired, ready, chain },
  release,
}: {
  readonly service: EnvironmentShape["services"][number];
  readonly release: string | null;
}): ReactElement {
  return (
    <>
      <p className="rollout-now">
        <span className="muted">now</span>
        {chain === undefined ? (
          <ReplicaDots replicas={replicas} desired={desired} ready={ready} current={release} />
        ) : (
          <ChainPlace chain={chain} />
        )}
      </p>
      {chain === undefined || chain === null ? null : <ContractAddresses chain={chain} />}
    </>
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
