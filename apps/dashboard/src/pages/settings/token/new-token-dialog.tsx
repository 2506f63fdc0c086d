import type { Permission } from "@fairway/core";
import { permissionNames } from "@fairway/core";
import type { ReactElement } from "react";
import { useState } from "react";
import { useChange } from "../../../api/answers.ts";
import { useWho } from "../../../api/who.ts";
import { Confirm } from "../../../components/confirm.tsx";
import { CopyText } from "../../../components/copy-text.tsx";
import { DayCountField } from "../../../components/day-count-field.tsx";
import { Dialog } from "../../../components/dialog.tsx";
import { EnvironmentField } from "../../../components/environment-field.tsx";

/** Makes a token of one's own, and shows it the only time that it is shown. It is forgotten with the dialog. */
export function NewTokenDialog({ onClose }: { readonly onClose: () => void }): ReactElement {
  const { may } = useWho();
  const [name, setName] = useState("");
  const [days, setDays] = useState(30);
  const [environment, setEnvironment] = useState("");
  const [permissions, setPermissions] = useState<readonly Permission[]>(["read"]);
  const [made, setMade] = useState<string | null>(null);
  const create = useChange("createToken");
  if (made !== null)
    return (
      <Dialog title={`The token ${name.trim()}`} onClose={onClose}>
        <p>Keep it where your program finds it. It is not shown again.</p>
        <p className="settings-token">
          <CopyText text={made} label="the token" />
        </p>
        <div className="dialog-actions">
          <button type="button" className="button button-main" onClick={onClose}>
            I have it
          </button>
        </div>
      </Dialog>
    );
  return (
    <Confirm
      title="Make a token"
      verb="Make it"
      ready={name.trim() !== "" && permissions.length > 0 && days >= 1 && days <= 365}
      closes={false}
      onClose={onClose}
      act={async () => {
        const { token } = await create.mutateAsync({
          name: name.trim(),
          permissions: [...permissions],
          environments: environment === "" ? null : [environment],
          days,
        });
        setMade(token);
      }}
    >
      <label className="field">
        What it is for
        <input
          value={name}
          maxLength={80}
          required
          autoComplete="off"
          onChange={({ target }) => setName(target.value)}
        />
      </label>
      <fieldset className="choice">
        <legend>What it may do, never more than you</legend>
        {permissionNames
          .filter((permission) => may(permission).possible)
          .map((permission) => (
            <label key={permission} className="check">
              <input
                type="checkbox"
                checked={permissions.includes(permission)}
                onChange={({ target }) =>
                  setPermissions(
                    target.checked ? [...permissions, permission] : permissions.filter((one) => one !== permission),
                  )
                }
              />
              {permission}
            </label>
          ))}
      </fieldset>
      <EnvironmentField label="Where" none="everywhere" value={environment} onChange={setEnvironment} />
      <DayCountField days={days} onChange={setDays} />
    </Confirm>
  );
}
