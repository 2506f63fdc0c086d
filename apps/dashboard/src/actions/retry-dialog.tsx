import type { ReactElement } from "react";
import { useState } from "react";
import { useChange } from "../api/answers.ts";
import { useWho } from "../api/who.ts";
import { Confirm } from "../components/confirm.tsx";

/** Tries a run again; where a job of it was cut off, a person may say instead that it is done. */
export function RetryDialog({
  run,
  interrupted = null,
  onClose,
}: {
  readonly run: string;
  /** The job that was cut off. */
  readonly interrupted?: string | null;
  readonly onClose: () => void;
}): ReactElement {
  const { name } = useWho();
  const retry = useChange("retry");
  const [isDone, setDone] = useState(false);
  const [how, setHow] = useState("");
  return (
    <Confirm
      title={`Try ${run} again`}
      verb={isDone ? "Go on" : "Try again"}
      ready={!isDone || how.trim() !== ""}
      onClose={onClose}
      act={() => retry.mutateAsync({ run, by: name, ...(isDone ? { done: how.trim() } : {}) })}
    >
      <p>
        {isDone
          ? "What comes after it goes on. What you write is put on record with your name."
          : "What did not succeed is done again; what succeeded is kept."}
      </p>
      {interrupted === null ? null : (
        <label className="check">
          <input type="checkbox" checked={isDone} onChange={({ target }) => setDone(target.checked)} />
          <span>
            <code>{interrupted}</code> was cut off, and I know that it is done
          </span>
        </label>
      )}
      {isDone ? (
        <label className="field">
          How you know
          <input value={how} maxLength={2000} onChange={({ target }) => setHow(target.value)} />
        </label>
      ) : null}
    </Confirm>
  );
}
