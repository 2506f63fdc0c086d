import { useState } from "react";
import type { ReactElement } from "react";
import { useChange } from "../../api/answers.ts";
import { useWho } from "../../api/who.ts";
import { Confirm } from "../../components/confirm.tsx";
import { Dialog } from "../../components/dialog.tsx";

/** One of two people's word that a deployment goes through a freeze. */
export function OverrideDialog({ run, onClose }: { readonly run: string; readonly onClose: () => void }): ReactElement {
  const { name: by } = useWho();
  const [reason, setReason] = useState("");
  const override = useChange("overrideFreeze");
  if (override.data !== undefined)
    return (
      <Dialog
        title={override.data.missing === 0 ? `${run} goes through the freeze` : "Your word is on record"}
        onClose={onClose}
      >
        <ul className="plan-list">
          {override.data.given.map((word) => (
            <li key={word.by}>
              {word.by}: {word.because}
            </li>
          ))}
        </ul>
        {override.data.missing === 0 ? null : (
          <p>
            {override.data.missing === 1 ? "One more person has" : `${override.data.missing} more people have`} to say
            so, here or by <code>fairway freeze override {run}</code>.
          </p>
        )}
        <div className="dialog-actions">
          <button type="button" className="button button-main" onClick={onClose}>
            Close
          </button>
        </div>
      </Dialog>
    );
  return (
    <Confirm
      title={`Let ${run} through the freeze`}
      verb="Say so"
      danger
      closes={false}
      ready={reason.trim() !== ""}
      onClose={onClose}
      act={() => override.mutateAsync({ run, by, reason: reason.trim() })}
    >
      <ul className="plan-list">
        <li>It goes ahead of what waits when two different people have said so.</li>
        <li>Both words stay on record, with their reasons.</li>
      </ul>
      <label className="field">
        Why it cannot wait
        <input value={reason} maxLength={2000} required onChange={({ target }) => setReason(target.value)} />
      </label>
    </Confirm>
  );
}
