import { useQuery } from "@tanstack/react-query";
import type { ReactElement } from "react";
import { useState } from "react";
import { asked } from "../../api/answers.ts";
import { Answered } from "../../components/answered.tsx";
import { StateMark } from "../../components/state-mark.tsx";
import { FewInList } from "../../components/few-in-list.tsx";

/** Whether a release is still what was signed: its statement and manifest at once, every byte when somebody asks for that. */
export function Verification({ release }: { readonly release: string }): ReactElement {
  const [whole, wantWhole] = useState(false);
  const verification = useQuery(asked("releaseVerification", { release, bytes: whole ? "true" : "false" }));
  return (
    <div className="stack">
      <Answered question={verification}>
        {({ ok, findings }) => (
          <>
            <p className="badge release-verdict" data-state={ok ? "succeeded" : "failed"}>
              <StateMark state={ok ? "succeeded" : "failed"} />
              {ok ? verdictOf(findings, whole) : "It is not what was signed: do not deploy it"}
            </p>
            <ul className="release-findings card">
              <FewInList rows={findings}>
                {({ what, ok: fine, detail, note }) => (
                  <li key={`${what} ${detail}`}>
                    <StateMark state={fine ? (note === true ? "waiting" : "succeeded") : "failed"} />
                    <span>
                      <strong>{what}</strong> <span className="muted">{detail}</span>
                    </span>
                  </li>
                )}
              </FewInList>
            </ul>
          </>
        )}
      </Answered>
      {whole ? null : (
        <div className="row row-wrap release-verify">
          <button type="button" className="button" onClick={() => wantWhole(true)}>
            Verify every byte now
          </button>
          <span className="muted">Reads all its artifacts again too.</span>
        </div>
      )}
    </div>
  );
}

interface Finding {
  readonly what: string;
  readonly detail: string;
}

/** What was looked at, and that it holds. */
function verdictOf(findings: readonly Finding[], whole: boolean): string {
  const signed = findings.some(({ what, detail }) => what === "signature" && detail.startsWith("by "));
  if (!signed) return "Its manifest holds; it is from before releases were signed";
  return whole ? "It is what was signed, every byte" : "Its signed statement and manifest hold";
}
