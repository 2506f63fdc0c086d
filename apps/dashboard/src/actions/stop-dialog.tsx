import type { Run } from "@fairway/api";
import type { ReactElement } from "react";
import { useState } from "react";
import { useChange } from "../api/answers.ts";
import { useWho } from "../api/who.ts";
import { Confirm } from "../components/confirm.tsx";

/** Stops a run, after saying what becomes of what it changed. */
export function StopDialog({
  run,
  from,
  begun,
  onClose,
}: {
  readonly run: Run;
  /** What ran before; null for nothing. */
  readonly from: string | null;
  /** Whether anything was changed yet. */
  readonly begun: boolean;
  readonly onClose: () => void;
}): ReactElement {
  const { name } = useWho();
  const [keep, setKeep] = useState(false);
  const cancel = useChange("cancel");
  return (
    <Confirm
      title={`Stop ${run.id}`}
      verb={begun && !keep ? "Stop and bring back" : "Stop"}
      danger
      onClose={onClose}
      act={() => cancel.mutateAsync({ run: run.id, by: name, keep })}
    >
      <ul className="plan-list">
        <li>{run.title}</li>
        {begun ? (
          keep ? (
            <li>What is half done stays as it is, and a person is asked to look.</li>
          ) : (
            <li>
              {from === null
                ? "What it started is taken away again."
                : `${from}, which ran before, is brought back whole.`}
            </li>
          )
        ) : (
          <li>Nothing was changed yet, so nothing has to be put right.</li>
        )}
      </ul>
      {begun ? (
        <label className="check">
          <input type="checkbox" checked={keep} onChange={({ target }) => setKeep(target.checked)} />
          Leave what is half done as it is
        </label>
      ) : null}
    </Confirm>
  );
}
