import type { Status } from "@fairway/api";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { useState } from "react";
import { ReleaseDialog } from "../../actions/release-dialog.tsx";
import { RollBackDialog } from "../../actions/roll-back-dialog.tsx";
import { asked } from "../../api/answers.ts";
import { useWho } from "../../api/who.ts";
import { ActionButton } from "../../components/action-button.tsx";
import { CopyText } from "../../components/copy-text.tsx";
import { Icon } from "../../components/icons.tsx";

/** For who comes from `npm start`: what the page shows, by what really ran, and what to try next. Gone once it is closed. */
export function Tour({ status }: { readonly status: Status }): ReactElement {
  const { may } = useWho();
  const [asks, ask] = useState<"release" | "rollback" | null>(null);
  const last = status.environments.findLast(({ current }) => current !== null);
  const running = last?.current?.revision;
  const close = (): void => ask(null);
  return (
    <section className="card tour" aria-labelledby="tour">
      <header className="section-head">
        <h2 id="tour">Welcome. This is a running example: {status.project}</h2>
        <Link to="/" search={{}} className="button button-small">
          <Icon name="cross" />
          Close this
        </Link>
      </header>
      <div className="tour-parts">
        <div>
          <h3>What you see</h3>
          <WhatRan status={status} />
        </div>
        <div>
          <h3>Try next</h3>
          <ul className="tour-list">
            {last === undefined || last.previous === null ? null : (
              <li>
                <strong>Roll back.</strong> {last.previous} comes back to {last.name}, whole, and what it leaves cannot
                return by itself.{" "}
                <ActionButton small possible={may("change", last.name)} onPress={() => ask("rollback")}>
                  Roll {last.name} back …
                </ActionButton>
              </li>
            )}
            <li>
              <strong>Break a release.</strong> The newest commit cannot start. Commit it again, release that, and watch
              the breaker stop it while what ran goes on.{" "}
              <CopyText text={`git -C "${status.repository}" commit --allow-empty -m "Again"`} label="the command" />{" "}
              <ActionButton small possible={may("change")} onPress={() => ask("release")}>
                Release it …
              </ActionButton>
            </li>
            <li>
              <strong>Open a preview.</strong> An environment of its own for a branch or a commit, with its own
              database. <Link to="/previews">Open one</Link>
              {running === undefined ? null : (
                <>
                  {" "}
                  of <CopyText text={running.sha} short={running.short} label="the commit" />, say.
                </>
              )}
            </li>
            <li>
              <strong>Follow a commit.</strong> Its checks, its logs, and{" "}
              <Link to="/releases">the release it became</Link>, signed and comparable.
            </li>
            <li>
              <strong>Use the keys.</strong> <kbd>?</kbd> lists them; each page ends with the command that does the
              same.
            </li>
          </ul>
        </div>
      </div>
      {asks === "release" ? <ReleaseDialog onClose={close} /> : null}
      {asks === "rollback" && last !== undefined ? <RollBackDialog environment={last.name} onClose={close} /> : null}
    </section>
  );
}

function WhatRan({ status: { environments } }: { readonly status: Status }): ReactElement {
  const failed = useQuery(asked("runs", { kind: "deployment", state: "failed", limit: 1 }));
  const [broken] = failed.data ?? [];
  return (
    <ul className="tour-list">
      {environments.map(({ name, current, promotesFrom, approvals }) => (
        <li key={name}>
          {current === null ? (
            `Nothing runs in ${name} yet.`
          ) : (
            <>
              <strong>{name}</strong> runs{" "}
              <Link to="/deployments/$run" params={{ run: current.run }}>
                {current.release}
              </Link>
              {promotesFrom === null
                ? ", which came by itself once its checks were green."
                : `, which ${promotesFrom} ran before${approvals === 0 ? "" : " and a person said yes to"}. None of the requests that came meanwhile failed.`}
            </>
          )}
        </li>
      ))}
      {broken === undefined ? null : (
        <li>
          <Link to="/deployments/$run" params={{ run: broken.id }}>
            {broken.title}
          </Link>{" "}
          could not start: it was stopped, what its replicas left is kept, and what ran went on running.
        </li>
      )}
      <li>
        Below: what runs where, what is on its way, and what waits for you. <Link to="/audit">The record</Link> holds
        who did what.
      </li>
    </ul>
  );
}
