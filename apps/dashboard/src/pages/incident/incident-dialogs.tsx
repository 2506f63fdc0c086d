import type { IncidentShape } from "@fairway/api";
import type { ReactElement } from "react";
import { useState } from "react";
import { useChange } from "../../api/answers.ts";
import { useWho } from "../../api/who.ts";
import { Confirm } from "../../components/confirm.tsx";

interface Asked {
  readonly incident: IncidentShape;
  readonly onClose: () => void;
}

const severities = [1, 2, 3, 4] as const;

/** A person says how severe it is. */
export function SeverityDialog({
  incident: { number, title, proposed, rule, confirmed },
  onClose,
}: Asked): ReactElement {
  const { name: by } = useWho();
  const [severity, setSeverity] = useState<(typeof severities)[number]>(confirmed ?? proposed);
  const confirm = useChange("confirmIncident");
  return (
    <Confirm
      title={`How severe is: ${title}`}
      verb={`Confirm severity ${severity}`}
      onClose={onClose}
      act={() => confirm.mutateAsync({ by, number, severity })}
    >
      <p className="muted">
        Proposed is {proposed}
        {rule === null ? "" : `: ${rule}`}. It stays beside what you say.
      </p>
      <fieldset className="choice">
        <legend>Severity</legend>
        {severities.map((each) => (
          <label key={each} className="check">
            <input type="radio" name="severity" checked={severity === each} onChange={() => setSeverity(each)} />
            {each}
            {each === 1 ? ", the worst" : ""}
          </label>
        ))}
      </fieldset>
    </Confirm>
  );
}

/** Writes something down of it. */
export function NoteDialog({ incident: { number, title }, onClose }: Asked): ReactElement {
  const { name: by } = useWho();
  const [text, setText] = useState("");
  const note = useChange("noteIncident");
  return (
    <Confirm
      title={`Write down of: ${title}`}
      verb="Write it down"
      ready={text.trim() !== ""}
      onClose={onClose}
      act={() => note.mutateAsync({ by, number, text: text.trim() })}
    >
      <label className="field">
        What is known, or was done
        <textarea rows={4} value={text} maxLength={4000} required onChange={({ target }) => setText(target.value)} />
      </label>
    </Confirm>
  );
}

/** Ends it, with its cause. */
export function CloseDialog({ incident: { number, title }, onClose }: Asked): ReactElement {
  const { name: by } = useWho();
  const [rootCause, setRootCause] = useState("");
  const close = useChange("closeIncident");
  return (
    <Confirm
      title={`Close: ${title}`}
      verb="Close it"
      ready={rootCause.trim() !== ""}
      onClose={onClose}
      act={() => close.mutateAsync({ by, number, rootCause: rootCause.trim() })}
    >
      <label className="field">
        What the cause was
        <textarea
          rows={4}
          value={rootCause}
          maxLength={4000}
          required
          onChange={({ target }) => setRootCause(target.value)}
        />
      </label>
    </Confirm>
  );
}

/** Gives somebody something to do after it. */
export function FollowUpDialog({ incident: { number, title }, onClose }: Asked): ReactElement {
  const { name: by } = useWho();
  const [what, setWhat] = useState("");
  const [owner, setOwner] = useState("");
  const [due, setDue] = useState("");
  const follow = useChange("followUpIncident");
  return (
    <Confirm
      title={`To be done after: ${title}`}
      verb="Put it on record"
      ready={what.trim() !== "" && owner.trim() !== "" && due !== ""}
      onClose={onClose}
      act={() => follow.mutateAsync({ by, number, what: what.trim(), owner: owner.trim(), due })}
    >
      <label className="field">
        What
        <textarea rows={2} value={what} maxLength={1000} required onChange={({ target }) => setWhat(target.value)} />
      </label>
      <label className="field">
        By whom
        <input value={owner} maxLength={120} required onChange={({ target }) => setOwner(target.value)} />
      </label>
      <label className="field">
        Until
        <input type="date" value={due} required onChange={({ target }) => setDue(target.value)} />
      </label>
    </Confirm>
  );
}
