import type { DutyShape } from "@fairway/api";
import { principalsOfCsv } from "@fairway/core";
import type { ReactElement } from "react";
import { useState } from "react";
import { useChange } from "../../api/answers.ts";
import { useWho } from "../../api/who.ts";
import { Confirm } from "../../components/confirm.tsx";
import { FewInList } from "../../components/few-in-list.tsx";

/** Begins a review of who can do what in a system, with everybody that a file lists. */
export function OpenReviewDialog({
  duties,
  onClose,
}: {
  /** That may ask for one; those that speak of access stand first. */
  readonly duties: readonly DutyShape[];
  readonly onClose: () => void;
}): ReactElement {
  const { name: by } = useWho();
  const choices = duties.toSorted((one, other) => Number(isOfAccess(other)) - Number(isOfAccess(one)));
  const [duty, setDuty] = useState(choices.find(isOfAccess)?.id ?? "");
  const [system, setSystem] = useState("");
  const [text, setText] = useState("");
  const open = useChange("openAccessReview");
  const read = principalsOfCsv(text);
  const principals = "principals" in read ? read.principals : [];
  const problems = text.trim() === "" || "principals" in read ? [] : read.problems;
  return (
    <Confirm
      title="Review who can do what"
      verb={`Begin with ${principals.length}`}
      ready={duty !== "" && system.trim() !== "" && principals.length > 0}
      onClose={onClose}
      act={() =>
        open.mutateAsync({
          ...{ by, duty, system: system.trim() },
          principals: principals.map(({ principal, kind, access, lastUsed, concerns }) => ({
            ...{ principal, kind, lastUsed, access: [...access], concerns: [...concerns] },
          })),
        })
      }
    >
      <label className="field">
        What it shows
        <select value={duty} required onChange={({ target }) => setDuty(target.value)}>
          <option value="">choose a duty</option>
          {choices.map(({ id, title }) => (
            <option key={id} value={id}>
              {title}
            </option>
          ))}
        </select>
      </label>
      <label className="field">
        System
        <input
          value={system}
          maxLength={200}
          required
          placeholder="aws:123456789012"
          onChange={({ target }) => setSystem(target.value)}
        />
      </label>
      <label className="field">
        File with everybody in it
        <input
          type="file"
          accept=".csv,text/csv"
          onChange={({ target: { files } }) => {
            const [file] = files ?? [];
            if (file === undefined) return;
            void file.text().then(setText);
            if (system === "") setSystem(file.name);
          }}
        />
      </label>
      <label className="field">
        Or its lines
        <textarea
          rows={4}
          value={text}
          spellCheck={false}
          aria-invalid={problems.length > 0}
          placeholder="principal,kind,access,last_used"
          onChange={({ target }) => setText(target.value)}
        />
        <span className="muted">
          A line of names, then one of each: principal, kind, access with ; between, last_used
        </span>
      </label>
      {problems.length === 0 ? null : (
        <ul className="duty-problems">
          <FewInList rows={problems}>
            {({ line, message }) => (
              <li key={`${line} ${message}`}>
                line {line}: {message}
              </li>
            )}
          </FewInList>
        </ul>
      )}
    </Confirm>
  );
}

const isOfAccess = ({ id, mend }: DutyShape): boolean => mend === null && /access|iam/.test(id);
