import type { ApprovalDetail } from "@fairway/api";
import type { ReactElement } from "react";
import { RelativeTime } from "../../components/relative-time.tsx";
import { StateMark } from "../../components/state-mark.tsx";
import { duration } from "../../text/time.ts";

/** Who has answered, until when that counts, whose yes counts, and whose does not. */
export function WhoAnswers({
  approval: { given, needed, until, from, notFrom, lasts },
}: {
  readonly approval: ApprovalDetail;
}): ReactElement {
  return (
    <div className="stack">
      {given.length === 0 ? null : (
        <ul className="card approval-given">
          {given.map(({ by, answer, at, note }) => (
            <li key={`${by} ${at}`}>
              <StateMark state={answer === "yes" ? "succeeded" : "failed"} />
              <div>
                <p>
                  <strong>{by}</strong> said {answer}, <RelativeTime at={at} />
                </p>
                {note === null ? null : <p>{note}</p>}
                {lasts === null || answer === "no" ? null : (
                  <p className="muted">
                    counts until <RelativeTime at={new Date(Date.parse(at) + lasts).toISOString()} />
                  </p>
                )}
              </div>
            </li>
          ))}
        </ul>
      )}
      <dl className="facts">
        <dt>Needed</dt>
        <dd>
          {needed === 1 ? "one person" : `${needed} people`}; waits until {until}
        </dd>
        <dt>Whose yes counts</dt>
        <dd>{from.length === 0 ? "everybody's who may approve there" : from.join(", ")}</dd>
        {notFrom.length === 0 ? null : (
          <>
            <dt>Whose does not</dt>
            <dd>
              <ul>
                {notFrom.map(({ name, because }) => (
                  <li key={name}>
                    {name} <span className="muted">{because}</span>
                  </li>
                ))}
              </ul>
            </dd>
          </>
        )}
        <dt>A yes counts</dt>
        <dd>{lasts === null ? "until something below voids it" : `for ${duration(lasts)}`}</dd>
      </dl>
    </div>
  );
}
