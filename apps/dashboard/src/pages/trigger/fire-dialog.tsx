import type { TriggersShape } from "@fairway/api";
import type { ReactElement } from "react";
import { useState } from "react";
import { useChange } from "../../api/answers.ts";
import { useWho } from "../../api/who.ts";
import { Confirm } from "../../components/confirm.tsx";
import type { InputValue } from "./typed-input.ts";
import { typedInput } from "./typed-input.ts";

type Trigger = TriggersShape["triggers"][number];
type Input = Trigger["inputs"][number];

/** Fires a trigger by hand, with the inputs that it asks for. */
export function FireDialog({
  trigger: { name, starts, inputs },
  onClose,
}: {
  readonly trigger: Trigger;
  readonly onClose: () => void;
}): ReactElement {
  const { name: by } = useWho();
  const [given, setGiven] = useState<Readonly<Record<string, InputValue>>>({});
  const fire = useChange("fireTrigger");
  const missing = inputs.some((input) => input.required && input.default === null && (given[input.name] ?? "") === "");
  return (
    <Confirm
      title={`Fire ${name}`}
      verb="Fire it"
      ready={!missing}
      onClose={onClose}
      act={() => fire.mutateAsync({ trigger: name, inputs: given, by })}
    >
      <ul className="plan-list">
        <li>{starts}</li>
      </ul>
      {inputs.map((input) => (
        <label key={input.name} className="field">
          {input.name}
          <Field
            input={input}
            value={given[input.name] ?? input.default ?? ""}
            onChange={(value) => setGiven({ ...given, [input.name]: typedInput(input.type, value) })}
          />
          {input.description === null ? null : <span className="muted">{input.description}</span>}
        </label>
      ))}
    </Confirm>
  );
}

function Field({
  input: { type, options, required },
  value,
  onChange,
}: {
  readonly input: Input;
  readonly value: InputValue;
  readonly onChange: (value: string) => void;
}): ReactElement {
  const choices = type === "boolean" ? ["true", "false"] : options;
  if (choices.length > 0)
    return (
      <select value={String(value)} required={required} onChange={({ target }) => onChange(target.value)}>
        <option value="">none chosen</option>
        {choices.map((choice) => (
          <option key={choice} value={choice}>
            {choice}
          </option>
        ))}
      </select>
    );
  return (
    <input
      type={type === "number" ? "number" : "text"}
      value={String(value)}
      required={required}
      onChange={({ target }) => onChange(target.value)}
    />
  );
}
