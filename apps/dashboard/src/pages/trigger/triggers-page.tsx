import type { FiringShape, TriggersShape } from "@fairway/api";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { useState } from "react";
import { asked } from "../../api/answers.ts";
import { client } from "../../api/client.ts";
import { usePages } from "../../api/use-pages.ts";
import { useWho } from "../../api/who.ts";
import { ActionButton } from "../../components/action-button.tsx";
import { Answered, EmptyNote } from "../../components/answered.tsx";
import { Icon } from "../../components/icons.tsx";
import { MoreRows } from "../../components/more-rows.tsx";
import { Page, Section } from "../../components/page.tsx";
import { RelativeTime } from "../../components/relative-time.tsx";
import { StateBadge, StateMark } from "../../components/state-mark.tsx";
import { FireDialog } from "./fire-dialog.tsx";
import { firingLook } from "./firing-look.ts";
import "./trigger.css";

type Trigger = TriggersShape["triggers"][number];

const page = 50;

/** Schedules, pushes, tags and what people start by hand: when each comes due, and what came of it. */
export function TriggersPage(): ReactElement {
  const triggers = useQuery(asked("triggers", {}));
  return (
    <Page title="Triggers" command="fairway triggers">
      <Answered question={triggers}>
        {({ branch, problem, triggers: found }) => (
          <>
            {problem === null ? null : (
              <div className="note" data-tone="failed">
                <Icon name="bang" />
                <div>
                  <p className="note-title">The newest commit of {branch} does not count</p>
                  <p>{problem}</p>
                </div>
              </div>
            )}
            {found.length === 0 ? (
              <EmptyNote title="Nothing starts by itself">
                <p>
                  A <code>triggers</code> part in the configuration on {branch} says what does.
                </p>
              </EmptyNote>
            ) : (
              <ul className="trigger-list card">
                {found.map((trigger) => (
                  <TriggerRow key={trigger.name} trigger={trigger} />
                ))}
              </ul>
            )}
          </>
        )}
      </Answered>
      <Section title="What has fired">
        <Firings />
      </Section>
    </Page>
  );
}

function TriggerRow({ trigger }: { readonly trigger: Trigger }): ReactElement {
  const { may } = useWho();
  const [asks, ask] = useState(false);
  const { name, on, starts, next, last } = trigger;
  const byHand = on.some((words) => words === "by hand" || words === "by the API");
  return (
    <li className="trigger">
      <div className="trigger-words">
        <strong>{name}</strong>
        <p className="muted">
          {on.join(", or ")}: {starts}
        </p>
        {next === null ? null : (
          <p className="muted">
            Comes due <RelativeTime at={next} />
          </p>
        )}
      </div>
      {last === null ? (
        <span className="muted">has not fired</span>
      ) : (
        <StateBadge state={firingLook[last.state]} word={last.state} />
      )}
      {byHand ? (
        <ActionButton small possible={may("change")} onPress={() => ask(true)}>
          Fire …
        </ActionButton>
      ) : null}
      {asks ? <FireDialog trigger={trigger} onClose={() => ask(false)} /> : null}
    </li>
  );
}

function Firings(): ReactElement {
  const firings = usePages({
    key: ["firings", "pages"],
    size: page,
    ask: (before: number | undefined, signal) =>
      client.call("firings", { limit: page, ...(before === undefined ? {} : { before }) }, signal),
    cursorOf: ({ number }) => number,
  });
  return (
    <>
      <Answered question={firings.question}>
        {(found) =>
          found.length === 0 ? (
            <EmptyNote title="Nothing has fired yet" />
          ) : (
            <ul className="rows card">
              {found.map((firing) => (
                <FiringRow key={firing.number} firing={firing} />
              ))}
            </ul>
          )
        }
      </Answered>
      <MoreRows pages={firings} />
    </>
  );
}

function FiringRow({ firing: { trigger, cause, ref, by, state, why, run, firedAt } }: Row): ReactElement {
  return (
    <li className="trigger-firing">
      <StateMark state={firingLook[state]} />
      <span className="rows-main">
        <span className="rows-title">{trigger}</span>
        <span className="rows-more">
          {cause}
          {ref === null ? "" : ` of ${ref}`} by {by}: {state}
          {why === "" ? "" : `, ${why}`}
        </span>
      </span>
      {run === null ? null : (
        <Link to="/runs/$run" params={{ run }} className="mono" data-row>
          {run}
        </Link>
      )}
      <RelativeTime at={firedAt} />
    </li>
  );
}

interface Row {
  readonly firing: FiringShape;
}
