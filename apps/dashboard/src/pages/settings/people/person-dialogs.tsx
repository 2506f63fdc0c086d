import type { PersonShape } from "@fairway/api";
import type { Role } from "@fairway/core";
import { roleNames } from "@fairway/core";
import type { ReactElement } from "react";
import { useState } from "react";
import { useChange } from "../../../api/answers.ts";
import { ProblemNote } from "../../../components/answered.tsx";
import { Confirm } from "../../../components/confirm.tsx";
import { EnvironmentField } from "../../../components/environment-field.tsx";
import { placeWords } from "./place-words.ts";
import { PasswordField } from "../../../components/password-field.tsx";

interface Asked {
  readonly person: PersonShape;
  readonly onClose: () => void;
}

/** Adds a person who logs in with a password. */
export function AddPersonDialog({ onClose }: { readonly onClose: () => void }): ReactElement {
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const [role, setRole] = useState<Role | "">("viewer");
  const add = useChange("addPerson");
  return (
    <Confirm
      title="Add a person"
      verb="Add them"
      ready={name.trim() !== "" && password !== ""}
      onClose={onClose}
      act={() => add.mutateAsync({ name: name.trim(), password, email: null, role: role === "" ? null : role })}
    >
      <label className="field">
        Name
        <input
          value={name}
          maxLength={64}
          required
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          onChange={({ target }) => setName(target.value)}
        />
      </label>
      <PasswordField label="Their first password" kept="new-password" value={password} onChange={setPassword} />
      <RoleField role={role} onChange={setRole} />
      <p className="muted">The role counts everywhere; narrower ones are given afterwards.</p>
    </Confirm>
  );
}

/** Gives a person a role somewhere, or takes one that they have. */
export function GrantDialog({ person: { name, grants }, onClose }: Asked): ReactElement {
  const [role, setRole] = useState<Role | "">("deployer");
  const [environment, setEnvironment] = useState("");
  const give = useChange("grantRole");
  const take = useChange("takeRole");
  return (
    <Confirm
      title={`Roles of ${name}`}
      verb="Give the role"
      ready={role !== ""}
      onClose={onClose}
      act={async () => {
        if (role === "") return;
        await give.mutateAsync({
          person: name,
          role,
          project: null,
          environment: environment === "" ? null : environment,
        });
      }}
    >
      {grants.length === 0 ? null : (
        <ul className="plan-list">
          {grants.map((grant) => (
            <li key={`${grant.role} ${placeWords(grant)}`} className="row row-wrap">
              <span>
                {grant.role} {placeWords(grant)}
              </span>
              <button
                type="button"
                className="button button-small"
                disabled={take.isPending}
                onClick={() => take.mutate({ person: name, ...grant })}
              >
                Take it
              </button>
            </li>
          ))}
        </ul>
      )}
      {take.error === null ? null : <ProblemNote thrown={take.error} />}
      <RoleField role={role} onChange={setRole} />
      <EnvironmentField label="Where" none="everywhere" value={environment} onChange={setEnvironment} />
    </Confirm>
  );
}

function RoleField({
  role,
  onChange,
}: {
  readonly role: Role | "";
  readonly onChange: (role: Role | "") => void;
}): ReactElement {
  return (
    <label className="field">
      Role
      <select value={role} onChange={({ target }) => onChange(roleNames.find((each) => each === target.value) ?? "")}>
        <option value="">none</option>
        {roleNames.map((each) => (
          <option key={each} value={each}>
            {each}
          </option>
        ))}
      </select>
    </label>
  );
}

/** Keeps a person out with everything that is theirs, or lets them in again. */
export function DisableDialog({ person: { name, disabled }, onClose }: Asked): ReactElement {
  const change = useChange("disablePerson");
  return (
    <Confirm
      title={disabled ? `Let ${name} in again` : `Keep ${name} out`}
      verb={disabled ? "Let them in" : "Keep them out"}
      danger={!disabled}
      onClose={onClose}
      act={() => change.mutateAsync({ person: name, disabled: !disabled })}
    >
      <ul className="plan-list">
        <li>
          {disabled
            ? "They can log in again with what they had. Sessions and tokens do not come back."
            : "All their sessions end now, and their tokens open nothing any more. What they did stays on record."}
        </li>
      </ul>
    </Confirm>
  );
}
