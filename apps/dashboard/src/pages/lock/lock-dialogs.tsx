import type { EnvironmentShape } from "@fairway/api";
import type { ReactElement } from "react";
import { useState } from "react";
import { useChange } from "../../api/answers.ts";
import { useWho } from "../../api/who.ts";
import { Confirm } from "../../components/confirm.tsx";

type Lock = NonNullable<EnvironmentShape["lock"]>;

const lengths = [
  { hours: null, words: "until somebody unlocks it" },
  { hours: 1, words: "an hour" },
  { hours: 4, words: "4 hours" },
  { hours: 24, words: "a day" },
  { hours: 72, words: "3 days" },
  { hours: 168, words: "a week" },
] as const;
const hour = 3_600_000;

/** Keeps deployments out of an environment, in the place of a lock that is there where there is one. */
export function LockDialog({
  environment,
  lock: found,
  onClose,
}: {
  readonly environment: string;
  readonly lock: Lock | null;
  readonly onClose: () => void;
}): ReactElement {
  // What is asked about does not change under whoever reads it.
  const [lock] = useState(found);
  const { name: by } = useWho();
  const [reason, setReason] = useState("");
  const [hours, setHours] = useState<number | null>(null);
  const change = useChange("lock");
  return (
    <Confirm
      title={`Lock ${environment}`}
      verb={lock === null ? "Lock it" : `Take the lock of ${lock.by}`}
      danger={lock !== null}
      ready={reason.trim() !== ""}
      onClose={onClose}
      act={() =>
        change.mutateAsync({
          environment,
          by,
          reason: reason.trim(),
          until: hours === null ? null : new Date(Date.now() + hours * hour).toISOString(),
          steal: lock !== null && lock.by !== by,
        })
      }
    >
      <ul className="plan-list">
        {lock === null ? null : (
          <li>
            {lock.by} locked it: {lock.reason}. Both reasons stay on record.
          </li>
        )}
        <li>Deployments wait until it is unlocked. What moves already goes on, and a rollback is never kept out.</li>
      </ul>
      <label className="field">
        Why, for whoever waits
        <input value={reason} maxLength={2000} required onChange={({ target }) => setReason(target.value)} />
      </label>
      <label className="field">
        For how long
        <select
          value={String(hours)}
          onChange={({ target }) => setHours(target.value === "null" ? null : Number(target.value))}
        >
          {lengths.map((length) => (
            <option key={length.words} value={String(length.hours)}>
              {length.words}
            </option>
          ))}
        </select>
      </label>
    </Confirm>
  );
}

/** Lets deployments in again. Somebody else's lock is taken off with a reason only. */
export function UnlockDialog({
  environment,
  lock,
  onClose,
}: {
  readonly environment: string;
  readonly lock: Lock;
  readonly onClose: () => void;
}): ReactElement {
  const { name: by } = useWho();
  const [reason, setReason] = useState("");
  const change = useChange("unlock");
  const isOwn = lock.by === by;
  return (
    <Confirm
      title={`Unlock ${environment}`}
      verb="Unlock it"
      ready={isOwn || reason.trim() !== ""}
      onClose={onClose}
      act={() => change.mutateAsync({ environment, by, reason: reason.trim() === "" ? null : reason.trim() })}
    >
      <ul className="plan-list">
        <li>
          {isOwn ? "You" : lock.by} locked it: {lock.reason}
        </li>
        <li>Deployments that wait go on by themselves.</li>
      </ul>
      <label className="field">
        {isOwn ? "Why, if it needs saying" : `Why ${lock.by}'s lock may go`}
        <input value={reason} maxLength={2000} required={!isOwn} onChange={({ target }) => setReason(target.value)} />
      </label>
    </Confirm>
  );
}
