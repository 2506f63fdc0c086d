import type { TriggersShape } from "@fairway/api";
import { useQuery } from "@tanstack/react-query";
import type { ReactElement } from "react";
import { useState } from "react";
import { asked } from "../../api/answers.ts";
import { useWho } from "../../api/who.ts";
import { ActionButton } from "../../components/action-button.tsx";
import { Answered, EmptyNote } from "../../components/answered.tsx";
import { useFewAtATime } from "../../components/few-at-a-time.tsx";
import { firingLook } from "../../components/firing-look.ts";
import { FiringRows } from "../../components/firing-rows.tsx";
import { Note } from "../../components/note.tsx";
import { Page, Section } from "../../components/page.tsx";
import { RelativeTime } from "../../components/relative-time.tsx";
import { StateBadge } from "../../components/state-mark.tsx";
import { FireDialog } from "./fire-dialog.tsx";
import "./trigger.css";

type Trigger = TriggersShape["triggers"][number];

/** Schedules, pushes, tags and what people start by hand: when each comes due, and what came of it. */
export function TriggersPage(): ReactElement {
  const triggers = useQuery(asked("triggers", {}));
  return (
    <Page title="Triggers" command="fairway triggers">
      <Answered question={triggers}>
        {({ branch, problem, triggers: found }) => (
          <>
            {problem === null ? null : (
              <Note tone="failed" title={`The newest commit of ${branch} does not count`}>
                <p>{problem}</p>
              </Note>
            )}
            {found.length === 0 ? (
              <EmptyNote title="Nothing starts by itself">
                <p>
                  A <code>triggers</code> part in the configuration on {branch} says what does.
                </p>
              </EmptyNote>
            ) : (
              <Rows triggers={found} />
            )}
          </>
        )}
      </Answered>
      <Section title="What has fired">
        <FiringRows />
      </Section>
    </Page>
  );
}

function Rows({ triggers }: { readonly triggers: readonly Trigger[] }): ReactElement {
  const { shown, more } = useFewAtATime(triggers);
  return (
    <>
      <ul className="trigger-list card">
        {shown.map((trigger) => (
          <TriggerRow key={trigger.name} trigger={trigger} />
        ))}
      </ul>
      {more}
    </>
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
