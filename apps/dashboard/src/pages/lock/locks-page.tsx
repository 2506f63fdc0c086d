import type { EnvironmentShape } from "@fairway/api";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { useState } from "react";
import { asked } from "../../api/answers.ts";
import { useWho } from "../../api/who.ts";
import { ActionButton } from "../../components/action-button.tsx";
import { Answered } from "../../components/answered.tsx";
import { Icon } from "../../components/icons.tsx";
import { NoEnvironments } from "../../components/nothing-yet.tsx";
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
        {({ environments }) =>
          environments.length === 0 ? (
            <NoEnvironments />
          ) : (
            <ul className="card lock-list">
              {environments.map((environment) => (
                <EnvironmentLock key={environment.name} environment={environment} />
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

function EnvironmentLock({
  environment: { name, lock, freeze, holder, behind },
}: {
  readonly environment: EnvironmentShape;
}): ReactElement {
  const { may } = useWho();
  const [asks, ask] = useState<"lock" | "unlock" | { readonly override: string } | null>(null);
  const close = (): void => ask(null);
  const possible = may("change", name);
  // A deployment that moves there and is paused keeps the others waiting.
  const held = holder === null || holder.paused === null ? null : { ...holder, paused: holder.paused };
  const isOpen = lock === null && freeze === null && held === null;
  return (
    <li className="lock">
      <div className="lock-words">
        <p>
          <strong>{name}</strong>{" "}
          <span className="chip" data-tone={isOpen ? "good" : "waiting"}>
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
        {held === null ? null : (
          <p>
            <Link to="/deployments/$run" params={{ run: held.run }} data-row>
              {held.title}
            </Link>{" "}
            is paused by {held.paused.by}, <RelativeTime at={held.paused.since} />
            {held.paused.because === null ? "" : `: ${held.paused.because}`}
          </p>
        )}
        {isOpen
          ? null
          : behind.first.map(({ run, title }) => (
              <p key={run} className="row row-wrap">
                <span>
                  <Link to="/deployments/$run" params={{ run }} data-row>
                    {title}
                  </Link>{" "}
                  <span className="muted">waits, {run}</span>
                </span>
                {freeze === null ? null : (
                  <ActionButton small possible={may("approve", name)} onPress={() => ask({ override: run })}>
                    Let it through the freeze …
                  </ActionButton>
                )}
              </p>
            ))}
        {isOpen || behind.count <= behind.first.length ? null : (
          <p>
            <Link to="/deployments" search={{ environment: name }}>
              and {behind.count - behind.first.length} more
            </Link>
          </p>
        )}
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
