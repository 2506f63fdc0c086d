import type { WaitingShape } from "@fairway/api";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { asked } from "../../api/answers.ts";
import { Answered } from "../../components/answered.tsx";
import { useFewAtATime } from "../../components/few-at-a-time.tsx";
import { Section } from "../../components/page.tsx";
import { RelativeTime } from "../../components/relative-time.tsx";
import { StateMark } from "../../components/state-mark.tsx";

const verbs = { approval: "Review", step: "Decide", infrastructure: "Review", attention: "Look" } as const;

/** What waits for a person: first what whoever looks may answer. Nothing at all when nothing waits. */
export function WaitingList(): ReactElement | null {
  const waiting = useQuery(asked("waiting", {}));
  if (waiting.data?.length === 0 || (waiting.data === undefined && waiting.error === null)) return null;
  return <Answered question={waiting}>{(found) => <Found waiting={found} />}</Answered>;
}

function Found({ waiting }: { readonly waiting: readonly WaitingShape[] }): ReactElement {
  const mine = waiting.filter(({ you }) => you.may);
  const { shown, more } = useFewAtATime([...mine, ...waiting.filter(({ you }) => !you.may)]);
  return (
    <Section title={mine.length > 0 ? "Waits for you" : "Waits for somebody else"}>
      <ul className="home-waiting card">
        {shown.map(({ run, title, kind, environment, question, since, requestedBy, given, needed, you }) => (
          <li key={`${run} ${kind}`}>
            <StateMark state={kind === "attention" ? "errored" : "waiting"} large />
            <div className="home-waiting-words">
              <p className="home-waiting-title">{title}</p>
              <p className="muted">
                {question} · asked by {requestedBy}, <RelativeTime at={since} />
                {needed > 1 ? ` · ${given.length} of ${needed} said yes` : ""}
                {you.may || you.reason === null ? "" : ` · ${you.reason}`}
              </p>
            </div>
            <Link
              to={kind !== "attention" ? "/approvals/$run" : environment === null ? "/runs/$run" : "/deployments/$run"}
              params={{ run }}
              className={`button ${you.may ? "button-main" : ""}`}
              data-row
            >
              {you.may ? verbs[kind] : "See"}
            </Link>
          </li>
        ))}
      </ul>
      {more}
    </Section>
  );
}
