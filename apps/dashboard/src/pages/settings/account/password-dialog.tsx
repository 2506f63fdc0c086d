import type { ReactElement } from "react";
import { useState } from "react";
import { useChange } from "../../../api/answers.ts";
import { Confirm } from "../../../components/confirm.tsx";
import { PasswordField } from "../../../components/password-field.tsx";

/** Gives whoever looks another password. */
export function PasswordDialog({ onClose }: { readonly onClose: () => void }): ReactElement {
  const [old, setOld] = useState("");
  const [password, setPassword] = useState("");
  const change = useChange("changePassword");
  return (
    <Confirm
      title="Change your password"
      verb="Change it"
      ready={old !== "" && password !== ""}
      onClose={onClose}
      act={() => change.mutateAsync({ old, password })}
    >
      <PasswordField label="The one you have" kept="current-password" value={old} onChange={setOld} />
      <PasswordField label="The next one" kept="new-password" value={password} onChange={setPassword} />
      <ul className="plan-list">
        <li>All your other sessions end now.</li>
      </ul>
    </Confirm>
  );
}
