import type { EnvironmentShape } from "@fairway/api";
import { outcomeWords } from "@fairway/core";
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { useState } from "react";
import { DeployDialog } from "../../actions/deploy-dialog.tsx";
import { RollBackDialog } from "../../actions/roll-back-dialog.tsx";
import { allOf } from "../../api/may.ts";
import { useWho } from "../../api/who.ts";
import { ActionButton } from "../../components/action-button.tsx";
import { Icon } from "../../components/icons.tsx";
import { RelativeTime } from "../../components/relative-time.tsx";
import { StateMark } from "../../components/state-mark.tsx";
import { webAddress } from "../../text/web-address.ts";
import { healthLook } from "./health-look.ts";
import { sentenceOf } from "./sentence-of.ts";
import { ServiceRows } from "./service-rows.tsx";

/** One environment: what runs there and how it is, whether it can take the next release, and the two moves there are. */
export function EnvironmentCard({ environment }: { readonly environment: EnvironmentShape }): ReactElement {
  const { name, purpose, urls, current, next, health, services, moving } = environment;
  const { state, words } = healthLook[health.state];
  // One address needs no name; several have theirs, in rows of their own.
  const [only, ...others] = urls;
  return (
    <article className="card home-env" aria-labelledby={`env-${name}`}>
      <header className="home-env-head">
        <h3 id={`env-${name}`}>{name}</h3>
        <span className="badge" data-state={state} title={health.because.join("; ")}>
          <StateMark state={state} />
          {words}
        </span>
        {only === undefined || others.length > 0 ? null : <Address url={only.url} />}
      </header>
      {others.length === 0 ? null : (
        <dl className="home-env-urls">
          {urls.map(({ name: of, url }) => (
            <div key={of}>
              <dt className="muted">{of}</dt>
              <dd>
                <Address url={url} />
              </dd>
            </div>
          ))}
        </dl>
      )}
      {current === null ? (
        <p className="home-env-none muted">Nothing runs here yet.{purpose === null ? "" : ` It is for ${purpose}.`}</p>
      ) : (
        <Current current={current} />
      )}
      <Notes environment={environment} />
      <div className="home-env-next" data-next={next.state}>
        <p>{sentenceOf(environment)}</p>
        {moving === null ? null : (
          <Link to="/deployments/$run" params={{ run: moving }} className="row home-env-moving">
            <StateMark state="running" />
            {moving}
          </Link>
        )}
        <Moves environment={environment} />
      </div>
      <ServiceRows services={services} release={current?.release ?? null} />
    </article>
  );
}

function Address({ url }: { readonly url: string }): ReactElement {
  return (
    <a className="home-env-url" href={webAddress(url)} rel="noreferrer noopener" target="_blank">
      <span>{url.replace(/^https?:\/\//, "")}</span>
      <Icon name="external" />
    </a>
  );
}

function Current({ current }: { readonly current: NonNullable<EnvironmentShape["current"]> }): ReactElement {
  const { release, revision, since, run } = current;
  return (
    <div className="home-env-current">
      <Link to="/deployments/$run" params={{ run }} className="home-env-release" data-row>
        {release}
      </Link>
      <div className="home-env-words">
        <p className="home-env-subject">{revision.subject}</p>
        <p className="muted">
          <code>{revision.short}</code> · {revision.author} · <RelativeTime at={since} />
        </p>
      </div>
    </div>
  );
}

function Notes({ environment }: { readonly environment: EnvironmentShape }): ReactElement {
  const { lock, freeze, quarantine, mixed, last, current } = environment;
  return (
    <>
      {lock === null ? null : (
        <p className="home-note" data-tone="waiting">
          <Icon name="lock" />
          <span>
            <Link to="/locks">Locked</Link> by {lock.by} <RelativeTime at={lock.since} />: {lock.reason}
          </span>
        </p>
      )}
      {freeze === null ? null : (
        <p className="home-note" data-tone="waiting">
          <Icon name="snow" />
          <span>
            <Link to="/locks">Frozen</Link>, over <RelativeTime at={freeze.until} />: {freeze.because}
          </span>
        </p>
      )}
      {quarantine === null ? null : (
        <p className="home-note" data-tone="failed">
          <Icon name="bang" />
          <span>
            {current?.release ?? "It"} is in quarantine: {quarantine.reason}
          </span>
        </p>
      )}
      {mixed.length === 0 ? null : (
        <p className="home-note" data-tone="waiting">
          <Icon name="bang" />
          <span>Mixed: {mixed.map(({ service, release }) => `${service} runs ${release}`).join(", ")}</span>
        </p>
      )}
      {last === null ? null : (
        <p className="home-note" data-tone={last.outcome === "superseded" ? "plain" : "failed"}>
          <Icon name={last.outcome === "superseded" ? "arrow" : "cross"} />
          <span>
            <Link to="/deployments/$run" params={{ run: last.run }}>
              {last.release} {outcomeWords(last)}
            </Link>
            , <RelativeTime at={last.endedAt} />
          </span>
        </p>
      )}
    </>
  );
}

function Moves({
  environment: { name, next, previous, holder, behind },
}: {
  readonly environment: EnvironmentShape;
}): ReactElement {
  const { may } = useWho();
  const [open, setOpen] = useState<"deploy" | "rollback" | null>(null);
  const close = (): void => setOpen(null);
  const release = next.release;
  const onItsWay = [...(holder === null ? [] : [holder]), ...behind.first].find((run) => run.release === release);
  const takes = next.state === "ready" || next.state === "held";
  return (
    <div className="home-env-moves">
      {onItsWay !== undefined ? (
        <Link to="/deployments/$run" params={{ run: onItsWay.run }} className="button button-small">
          See {onItsWay.run}
        </Link>
      ) : release === null || next.state === "current" || next.state === "nothing" ? null : (
        <ActionButton
          small
          tone="main"
          possible={allOf(may("change", name), takes ? { possible: true } : { possible: false, reason: next.sentence })}
          onPress={() => setOpen("deploy")}
        >
          Deploy {release}
        </ActionButton>
      )}
      {previous === null ? null : (
        <ActionButton small possible={may("change", name)} onPress={() => setOpen("rollback")}>
          <Icon name="back" />
          Roll back
        </ActionButton>
      )}
      {open === "deploy" && release !== null ? (
        <DeployDialog environment={name} release={release} onClose={close} />
      ) : null}
      {open === "rollback" ? <RollBackDialog environment={name} onClose={close} /> : null}
    </div>
  );
}
