import type { FlagShape } from "@fairway/api";
import type { ReactElement } from "react";
import { useState } from "react";
import { useChange } from "../../api/answers.ts";
import { useWho } from "../../api/who.ts";
import { Confirm } from "../../components/confirm.tsx";

interface Asked {
  readonly flag: FlagShape;
  readonly onClose: () => void;
}

/** Turns a flag on or off in its environment. Refused when somebody else changed it since it was shown. */
export function SwitchDialog({ flag, onClose }: Asked): ReactElement {
  const { name } = useWho();
  const [reason, setReason] = useState("");
  const change = useChange("switchFlag");
  const { environment, key, version, gives, definition } = flag;
  const on = definition.state !== "ENABLED";
  return (
    <Confirm
      title={`Turn ${key} ${on ? "on" : "off"} in ${environment}`}
      verb={on ? "Turn it on" : "Turn it off"}
      onClose={onClose}
      act={() => change.mutateAsync({ environment, flag: key, on, version, by: name, ...reasonOf(reason) })}
    >
      <ul className="plan-list">
        <li>Now: {gives}.</li>
        <li>{on ? "Then its rule counts for everybody who asks." : "Then everybody gets the default in the code."}</li>
      </ul>
      <Reason reason={reason} onChange={setReason} />
    </Confirm>
  );
}

/** Gives a variant to a part of everybody. */
export function RollOutDialog({ flag, onClose }: Asked): ReactElement {
  const { name } = useWho();
  const [percent, setPercent] = useState(10);
  const [variant, setVariant] = useState("");
  const [reason, setReason] = useState("");
  const change = useChange("rollOutFlag");
  const { environment, key, version, gives, definition } = flag;
  return (
    <Confirm
      title={`Roll ${key} out in ${environment}`}
      verb={`Give it to ${percent} %`}
      onClose={onClose}
      act={() =>
        change.mutateAsync({
          environment,
          flag: key,
          percent,
          variant: variant === "" ? null : variant,
          version,
          by: name,
          ...reasonOf(reason),
        })
      }
    >
      <ul className="plan-list">
        <li>Now: {gives}.</li>
        <li>Who has it at 10 % has it at 20 % too; the flag is turned on.</li>
      </ul>
      <label className="field">
        To how many of a hundred: {percent}
        <input
          type="range"
          min={0}
          max={100}
          value={percent}
          onChange={({ target }) => setPercent(Number(target.value))}
        />
      </label>
      <label className="field">
        Which variant
        <select value={variant} onChange={({ target }) => setVariant(target.value)}>
          <option value="">the one that is on</option>
          {Object.keys(definition.variants).map((each) => (
            <option key={each} value={each}>
              {each}
            </option>
          ))}
        </select>
      </label>
      <Reason reason={reason} onChange={setReason} />
    </Confirm>
  );
}

/** Turns a flag off in every environment that has it, whatever others do to it meanwhile. */
export function KillDialog({ flag: { key }, onClose }: Asked): ReactElement {
  const { name } = useWho();
  const [reason, setReason] = useState("");
  const kill = useChange("killFlag");
  return (
    <Confirm
      title={`Kill ${key} everywhere`}
      verb={`Kill ${key}`}
      danger
      onClose={onClose}
      act={() => kill.mutateAsync({ flag: key, environment: null, by: name, ...reasonOf(reason) })}
    >
      <ul className="plan-list">
        <li>It is off in every environment within a second, and everybody gets the default in the code that asks.</li>
        <li>Nothing is deployed and nothing restarts. It stays off until a person turns it on.</li>
      </ul>
      <Reason reason={reason} onChange={setReason} />
    </Confirm>
  );
}

const reasonOf = (text: string): { readonly reason?: string } => (text.trim() === "" ? {} : { reason: text.trim() });

function Reason({
  reason,
  onChange,
}: {
  readonly reason: string;
  readonly onChange: (reason: string) => void;
}): ReactElement {
  return (
    <label className="field">
      Why, for whoever looks back
      <input value={reason} maxLength={2000} onChange={({ target }) => onChange(target.value)} />
    </label>
  );
}
