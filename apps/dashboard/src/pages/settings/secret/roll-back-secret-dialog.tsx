import type { SecretShape } from "@fairway/api";
import type { ReactElement } from "react";
import { useState } from "react";
import { useChange } from "../../../api/answers.ts";
import { useWho } from "../../../api/who.ts";
import { Confirm } from "../../../components/confirm.tsx";
import { useNow } from "../../../shell/now.ts";
import { relativeTime } from "../../../text/time.ts";

/** Gives out again what an earlier version held, as the next version. Nobody sees what that is. */
export function RollBackSecretDialog({
  secret: { name, environment, version },
  older,
  onClose,
}: {
  readonly secret: SecretShape;
  /** The newest first, at least one. */
  readonly older: SecretShape["versions"];
  readonly onClose: () => void;
}): ReactElement {
  const { name: by } = useWho();
  const now = useNow();
  const [to, setTo] = useState(older[0]?.version ?? 1);
  const rollBack = useChange("rollBackSecret");
  return (
    <Confirm
      title={`Take an earlier version of ${name}${environment === null ? "" : ` of ${environment}`}`}
      verb={`Give out version ${to} again`}
      ready
      onClose={onClose}
      act={() => rollBack.mutateAsync({ name, environment, version: to, by })}
    >
      <label className="field">
        Version
        <select value={to} onChange={({ target: { value } }) => setTo(Number(value))}>
          {older.map((each) => (
            <option key={each.version} value={each.version}>
              {each.version}, by {each.by}, {relativeTime(each.at, now)}
            </option>
          ))}
        </select>
      </label>
      <ul className="plan-list">
        <li>
          What version {to} held becomes the newest version; version {version} stays on record.
        </li>
        <li>Services get it with their next deployment.</li>
      </ul>
    </Confirm>
  );
}
