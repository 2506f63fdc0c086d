import type { SecretShape } from "@fairway/api";
import type { ReactElement } from "react";
import { useState } from "react";
import { useChange } from "../../../api/answers.ts";
import { useWho } from "../../../api/who.ts";
import { Confirm } from "../../../components/confirm.tsx";
import { EnvironmentField } from "../../../components/environment-field.tsx";

/** Gives a secret its next version, or makes one. The value is in no address, and is forgotten with the dialog. */
export function SetSecretDialog({
  secret,
  onClose,
}: {
  /** null makes another one. */
  readonly secret: SecretShape | null;
  readonly onClose: () => void;
}): ReactElement {
  const { name: by } = useWho();
  const [name, setName] = useState(secret?.name ?? "");
  const [environment, setEnvironment] = useState(secret?.environment ?? "");
  const [value, setValue] = useState("");
  const set = useChange("setSecret");
  return (
    <Confirm
      title={secret === null ? "Set a secret" : `Give ${secret.name} its next version`}
      verb="Set it"
      ready={name.trim() !== "" && value !== ""}
      onClose={onClose}
      act={() =>
        set.mutateAsync({
          name: name.trim(),
          environment: environment === "" ? null : environment,
          value,
          reference: null,
          by,
        })
      }
    >
      {secret === null ? (
        <>
          <label className="field">
            Name
            <input
              value={name}
              maxLength={128}
              required
              autoComplete="off"
              spellCheck={false}
              onChange={({ target }) => setName(target.value)}
            />
          </label>
          <EnvironmentField
            label="Environment"
            none="every one without its own"
            value={environment}
            onChange={setEnvironment}
          />
        </>
      ) : null}
      <label className="field">
        Value
        <textarea
          rows={3}
          value={value}
          required
          autoComplete="off"
          spellCheck={false}
          onChange={({ target }) => setValue(target.value)}
        />
        <span className="muted">Services get it with their next deployment. It is never shown again.</span>
      </label>
    </Confirm>
  );
}

/** Takes a secret away with all its versions. */
export function RemoveSecretDialog({
  secret: { name, environment, consumers },
  onClose,
}: {
  readonly secret: SecretShape;
  readonly onClose: () => void;
}): ReactElement {
  const { name: by } = useWho();
  const [typed, setTyped] = useState("");
  const remove = useChange("removeSecret");
  return (
    <Confirm
      title={`Remove ${name}${environment === null ? "" : ` of ${environment}`}`}
      verb="Remove it for good"
      danger
      ready={typed === name}
      onClose={onClose}
      act={() => remove.mutateAsync({ name, environment, by })}
    >
      <ul className="plan-list">
        <li>The values of all its versions are gone for good.</li>
        {consumers.length === 0 ? null : (
          <li>
            {consumers.map((each) => `${each.service ?? "every service"} in ${each.environment}`).join(", ")} would not
            start again without it.
          </li>
        )}
      </ul>
      <label className="field">
        Type {name} to remove it
        <input value={typed} autoComplete="off" spellCheck={false} onChange={({ target }) => setTyped(target.value)} />
      </label>
    </Confirm>
  );
}
