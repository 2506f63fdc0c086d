import type { ReactElement } from "react";
import { useState } from "react";
import { useChange } from "../../../api/answers.ts";
import { Confirm } from "../../../components/confirm.tsx";

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
      <label className="field">
        The one you have
        <input
          type="password"
          value={old}
          required
          autoComplete="current-password"
          onChange={({ target }) => setOld(target.value)}
        />
      </label>
      <label className="field">
        The next one
        <input
          type="password"
          value={password}
          required
          autoComplete="new-password"
          onChange={({ target }) => setPassword(target.value)}
        />
      </label>
      <ul className="plan-list">
        <li>All your other sessions end now.</li>
      </ul>
    </Confirm>
  );
}
