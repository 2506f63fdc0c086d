import type { EnvironmentShape, RunSummary } from "@fairway/api";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { useState } from "react";
import { asked } from "../../api/answers.ts";
import { useWho } from "../../api/who.ts";
import { ActionButton } from "../../components/action-button.tsx";
import { Answered, EmptyNote } from "../../components/answered.tsx";
import { Icon } from "../../components/icons.tsx";
import { Page, Section } from "../../components/page.tsx";
import { RelativeTime } from "../../components/relative-time.tsx";
import { Freezes } from "./freezes.tsx";
import { LockDialog, UnlockDialog } from "./lock-dialogs.tsx";
import { OverrideDialog } from "./override-dialog.tsx";
import "./lock.css";

/** What keeps deployments out, where and until when; what waits behind it; and how it is set and lifted, with reasons. */
export function LocksPage(): ReactElement {
  const status = useQuery(asked("status", {}));
  return (
    <Page
      title="Locks"
      lead="A lock is a person's; a freeze is the configuration's. A rollback waits for neither."
      command="fairway status && fairway freeze"
    >
      <Answered question={status} rows={4}>
        {({ environments, active }) =>
          environments.length === 0 ? (
            <EmptyNote title="The project has no environment yet" />
          ) : (
            <ul className="card lock-list">
              {environments.map((environment) => (
                <EnvironmentLock
                  key={environment.name}
                  environment={environment}
                  held={active.find(({ id, paused }) => id === environment.moving && paused !== null) ?? null}
                  waiting={active.filter((run) => waitsFor(run, environment))}
                />
              ))}
            </ul>
          )
        }
      </Answered>
      <Section title="Freezes">
        <Freezes />
      </Section>
    </Page>
  );
}

const waitsFor = ({ kind, environment, id }: RunSummary, { name, moving }: EnvironmentShape): boolean =>
  kind === "deployment" && environment === name && id !== moving;

function EnvironmentLock({
  environment: { name, lock, freeze },
  held,
  waiting,
}: {
  readonly environment: EnvironmentShape;
  /** The deployment that moves there and is paused, so that others wait behind it; null where none is. */
  readonly held: RunSummary | null;
  readonly waiting: readonly RunSummary[];
}): ReactElement {
  const { may } = useWho();
  const [asks, ask] = useState<"lock" | "unlock" | { readonly override: string } | null>(null);
  const close = (): void => ask(null);
  const possible = may("change", name);
  return (
    <li className="lock">
      <div className="lock-words">
        <p>
          <strong>{name}</strong>{" "}
          <span className="chip" data-tone={lock === null && freeze === null && held === null ? "good" : "waiting"}>
            <Icon name={lock !== null ? "lock" : freeze !== null ? "snow" : held !== null ? "pause" : "check"} />
            {lock !== null ? "locked" : freeze !== null ? "frozen" : held !== null ? "paused" : "open"}
          </span>
        </p>
        {lock === null ? null : (
          <p>
            {lock.by}, <RelativeTime at={lock.since} />: {lock.reason}
            {lock.until === null ? null : (
              <span className="muted">
                {" "}
                It ends by itself <RelativeTime at={lock.until} />.
              </span>
            )}
          </p>
        )}
        {freeze === null ? null : (
          <p>
            Frozen: {freeze.because}. It is over <RelativeTime at={freeze.until} />.
          </p>
        )}
        {held === null || held.paused === null ? null : (
          <p>
            <Link to="/deployments/$run" params={{ run: held.id }} data-row>
              {held.title}
            </Link>{" "}
            is paused by {held.paused.by}, <RelativeTime at={held.paused.since} />
            {held.paused.because === null ? "" : `: ${held.paused.because}`}
          </p>
        )}
        {lock === null && freeze === null && held === null
          ? null
          : waiting.map((run) => (
              <p key={run.id} className="row row-wrap">
                <span>
                  <Link to="/deployments/$run" params={{ run: run.id }} data-row>
                    {run.title}
                  </Link>{" "}
                  <span className="muted">waits, {run.id}</span>
                </span>
                {freeze === null ? null : (
                  <ActionButton small possible={may("approve", name)} onPress={() => ask({ override: run.id })}>
                    Let it through the freeze …
                  </ActionButton>
                )}
              </p>
            ))}
      </div>
      <div className="row">
        <ActionButton small possible={possible} onPress={() => ask("lock")}>
          {lock === null ? "Lock …" : "Lock in its place …"}
        </ActionButton>
        {lock === null ? null : (
          <ActionButton small tone="main" possible={possible} onPress={() => ask("unlock")}>
            Unlock …
          </ActionButton>
        )}
      </div>
      {asks === "lock" ? <LockDialog environment={name} lock={lock} onClose={close} /> : null}
      {asks === "unlock" && lock !== null ? <UnlockDialog environment={name} lock={lock} onClose={close} /> : null}
      {asks !== null && typeof asks === "object" ? <OverrideDialog run={asks.override} onClose={close} /> : null}
    </li>
  );
}
