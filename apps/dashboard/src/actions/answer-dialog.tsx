import type { Run } from "@fairway/api";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { useState } from "react";
import { asked, useChange } from "../api/answers.ts";
import { useWho } from "../api/who.ts";
import { Answered } from "../components/answered.tsx";
import { Confirm } from "../components/confirm.tsx";
import { CopyText } from "../components/copy-text.tsx";
import { PlanView } from "../components/plan-view.tsx";

/** Answers what a run waits for. The answer counts for what is shown here, by its digest, and for nothing else. */
export function AnswerDialog({
  run,
  onClose,
}: {
  readonly run: Run;
  readonly onClose: () => void;
}): ReactElement | null {
  const { name } = useWho();
  const [answer, setAnswer] = useState<"yes" | "no">("yes");
  const [note, setNote] = useState("");
  const [typed, setTyped] = useState("");
  const approve = useChange("approve");
  const { approval, environment, release } = run;
  const whole = approval !== null && approval.step === null && approval.infrastructure === null;
  const plan = useQuery({
    ...asked("plan", { environment: environment ?? "", ...(release === null ? {} : { release }) }),
    enabled: whole && environment !== null,
  });
  if (approval === null) return null;
  const names = approval.infrastructure?.names ?? [];
  const lines = typed.split("\n").map((line) => line.trim());
  const isTyped = names.every((each) => lines.includes(each));
  return (
    <Confirm
      title={run.title}
      verb={answer === "yes" ? "Approve" : "Refuse"}
      danger={answer === "no"}
      ready={answer === "no" || isTyped}
      onClose={onClose}
      act={() =>
        approve.mutateAsync({
          run: run.id,
          by: name,
          answer,
          digest: approval.digest,
          note: note.trim() === "" ? null : note.trim(),
          ...(names.length > 0 && answer === "yes" ? { names } : {}),
        })
      }
    >
      <p>{approval.step?.question ?? approval.until}</p>
      {whole ? (
        <Answered question={plan}>
          {(found) =>
            found.digest === approval.digest ? (
              <PlanView plan={found} />
            ) : (
              <p className="note" data-tone="waiting">
                What would happen now is no longer what was asked about: an answer will be refused, and asked for again.
              </p>
            )
          }
        </Answered>
      ) : null}
      <p>
        <Link to="/approvals/$run" params={{ run: run.id }} onClick={onClose}>
          See everything that an answer is bound to
        </Link>
      </p>
      <p className="muted">
        Bound to <CopyText text={approval.digest} short={`${approval.digest.slice(0, 19)}…`} label="the digest" />
      </p>
      {approval.given.map(({ by, answer: said, note: words }) => (
        <p key={by} className="muted">
          {by} said {said}
          {words === null ? "" : `: ${words}`}
        </p>
      ))}
      <fieldset className="choice">
        <legend className="sr-only">Your answer</legend>
        <label className="check">
          <input type="radio" name="answer" checked={answer === "yes"} onChange={() => setAnswer("yes")} />
          Yes, it may happen
        </label>
        <label className="check">
          <input type="radio" name="answer" checked={answer === "no"} onChange={() => setAnswer("no")} />
          No, it ends here
        </label>
      </fieldset>
      {names.length > 0 && answer === "yes" ? (
        <label className="field">
          Type what is taken away, one a line
          <textarea rows={Math.min(6, names.length)} value={typed} onChange={({ target }) => setTyped(target.value)} />
          <span className="muted">{names.join(", ")}</span>
        </label>
      ) : null}
      <label className="field">
        A note, for the record
        <input value={note} maxLength={2000} onChange={({ target }) => setNote(target.value)} />
      </label>
    </Confirm>
  );
}
