import type { DriftFindingShape } from "@fairway/api";
import { useRouter } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { useState } from "react";
import { useChange } from "../../api/answers.ts";
import { useWho } from "../../api/who.ts";
import { Confirm } from "../../components/confirm.tsx";
import { DayCountField } from "../../components/day-count-field.tsx";

interface Asked {
  readonly finding: DriftFindingShape;
  readonly onClose: () => void;
}

const day = 86_400_000;

/** Has the state take the difference over, or the code applied again. Either way for the whole stack. */
export function RemedyDialog({
  finding: { environment, stack, address },
  how,
  onClose,
}: Asked & { readonly how: "adopt" | "apply" }): ReactElement {
  const router = useRouter();
  const { name: by } = useWho();
  const adopt = useChange("adoptDrift");
  const apply = useChange("applyInfrastructure");
  const input = { environment, stacks: [stack], of: null, by };
  return (
    <Confirm
      title={how === "adopt" ? `Adopt what is there in ${stack}` : `Apply the code of ${stack}`}
      verb={how === "adopt" ? "Adopt it" : "Plan it"}
      onClose={onClose}
      act={async () => {
        const { id } = await (how === "adopt" ? adopt.mutateAsync(input) : apply.mutateAsync({ ...input, plan: null }));
        void router.navigate({ to: "/runs/$run", params: { run: id } });
      }}
    >
      <ul className="plan-list">
        {how === "adopt" ? (
          <>
            <li>The state of the whole stack takes over what is there. No resource is touched.</li>
            <li>
              The code still says something else of <code>{address}</code>, until somebody changes it.
            </li>
          </>
        ) : (
          <li>
            The whole stack is planned first. Where people are wanted, or something is taken away, it waits for them;
            exactly that plan is applied.
          </li>
        )}
      </ul>
    </Confirm>
  );
}

/** Gives a difference to somebody who sees to it, or to nobody. */
export function OwnerDialog({ finding: { environment, id, address, owner }, onClose }: Asked): ReactElement {
  const { name: by } = useWho();
  const [given, setGiven] = useState(owner ?? by);
  const own = useChange("ownDrift");
  const wanted = given.trim() === "" ? null : given.trim();
  return (
    <Confirm
      title={`Who sees to ${address}`}
      verb={wanted === null ? "Leave it to nobody" : `Give it to ${wanted}`}
      ready={wanted !== owner}
      onClose={onClose}
      act={() => own.mutateAsync({ environment, finding: id, owner: wanted, by })}
    >
      <label className="field">
        Who
        <input value={given} maxLength={120} onChange={({ target }) => setGiven(target.value)} />
        <span className="muted">Nobody, where it is empty.</span>
      </label>
    </Confirm>
  );
}

/** Leaves a difference alone for a time, with the reason. */
export function IgnoreDialog({ finding, onClose }: Asked): ReactElement {
  const { name: by } = useWho();
  const [field, setField] = useState("");
  const [reason, setReason] = useState("");
  const [days, setDays] = useState(30);
  const ignore = useChange("ignoreDrift");
  const { id, environment, address, fields } = finding;
  return (
    <Confirm
      title={`Leave ${address} alone`}
      verb={`Leave it alone for ${days} days`}
      ready={reason.trim() !== "" && days >= 1}
      onClose={onClose}
      act={() =>
        ignore.mutateAsync({
          environment,
          finding: id,
          field: field === "" ? null : field,
          reason: reason.trim(),
          until: new Date(Date.now() + days * day).toISOString(),
          by,
        })
      }
    >
      <label className="field">
        What
        <select value={field} onChange={({ target }) => setField(target.value)}>
          <option value="">all of it</option>
          {fields.map(({ path }) => (
            <option key={path} value={path}>
              {path}
            </option>
          ))}
        </select>
      </label>
      <DayCountField days={days} onChange={setDays} />
      <label className="field">
        Why
        <input value={reason} maxLength={2000} required onChange={({ target }) => setReason(target.value)} />
      </label>
    </Confirm>
  );
}
