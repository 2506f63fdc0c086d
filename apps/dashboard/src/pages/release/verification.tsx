import { useQuery } from "@tanstack/react-query";
import type { ReactElement } from "react";
import { useState } from "react";
import { asked } from "../../api/answers.ts";
import { Answered } from "../../components/answered.tsx";
import { StateMark } from "../../components/state-mark.tsx";

/** Whether a release is still what was signed. Asked for by hand, because every byte of it is read. */
export function Verification({ release }: { readonly release: string }): ReactElement {
  const [wanted, want] = useState(false);
  const verification = useQuery({ ...asked("releaseVerification", { release }), enabled: wanted });
  if (!wanted)
    return (
      <div className="row row-wrap">
        <button type="button" className="button" onClick={() => want(true)}>
          Verify every byte now
        </button>
        <span className="muted">Reads its signed statement, its manifest and all its artifacts again.</span>
      </div>
    );
  return (
    <Answered question={verification}>
      {({ ok, findings }) => (
        <div className="stack">
          <p className="badge" data-state={ok ? "succeeded" : "failed"}>
            <StateMark state={ok ? "succeeded" : "failed"} />
            {ok ? "It is what was signed" : "It is not what was signed: do not deploy it"}
          </p>
          <ul className="release-findings card">
            {findings.map(({ what, ok: fine, detail, note }) => (
              <li key={`${what} ${detail}`}>
                <StateMark state={fine ? (note === true ? "waiting" : "succeeded") : "failed"} />
                <span>
                  <strong>{what}</strong> <span className="muted">{detail}</span>
                </span>
              </li>
            ))}
          </ul>
        </div>
      )}
    </Answered>
  );
}
