import { useNavigate } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { useState } from "react";
import { useChange } from "../../api/answers.ts";
import { useWho } from "../../api/who.ts";
import { Confirm } from "../../components/confirm.tsx";
import { EnvironmentField } from "../../components/environment-field.tsx";

const impacts = [
  ["outage", "It cannot be used"],
  ["degraded", "It can be used, and not as it should"],
  ["minor", "It is a nuisance"],
] as const;

const scopes = [
  ["all", "everybody"],
  ["some", "some"],
  ["one", "one"],
] as const;

/** Tells of something that goes wrong for those who use what runs, and leads to its page. */
export function OpenIncidentDialog({ onClose }: { readonly onClose: () => void }): ReactElement {
  const { name: by, may } = useWho();
  const [title, setTitle] = useState("");
  const [impact, setImpact] = useState<(typeof impacts)[number][0] | null>(null);
  const [scope, setScope] = useState<(typeof scopes)[number][0]>("some");
  const [environment, setEnvironment] = useState("");
  const [release, setRelease] = useState("");
  const open = useChange("openIncident");
  const navigate = useNavigate();
  const possible = may("change", environment === "" ? null : environment);
  const isRelease = release.trim() === "" || /^r\d+$/.test(release.trim());
  return (
    <Confirm
      title="Open an incident"
      verb="Open it"
      ready={title.trim() !== "" && impact !== null && isRelease && possible.possible}
      onClose={onClose}
      act={async () => {
        if (impact === null) return;
        const { number } = await open.mutateAsync({
          ...{ by, title: title.trim(), impact, scope },
          environment: environment === "" ? null : environment,
          release: release.trim() === "" ? null : release.trim(),
        });
        await navigate({ to: "/incidents/$incident", params: { incident: String(number) } });
      }}
    >
      <label className="field">
        What goes wrong
        <input value={title} maxLength={200} required onChange={({ target }) => setTitle(target.value)} />
      </label>
      <fieldset className="choice">
        <legend>How bad it is</legend>
        {impacts.map(([each, words]) => (
          <label key={each} className="check">
            <input type="radio" name="impact" checked={impact === each} onChange={() => setImpact(each)} />
            {words}
          </label>
        ))}
      </fieldset>
      <label className="field">
        For whom
        <select
          value={scope}
          onChange={({ target: { value } }) => setScope(scopes.find(([each]) => each === value)?.[0] ?? "some")}
        >
          {scopes.map(([each, words]) => (
            <option key={each} value={each}>
              {words}
            </option>
          ))}
        </select>
      </label>
      <EnvironmentField label="Where" none="all of it" value={environment} onChange={setEnvironment} />
      {possible.possible ? null : <p className="muted">{possible.reason}</p>}
      <label className="field">
        Release that brought it
        <input
          value={release}
          maxLength={20}
          aria-invalid={!isRelease}
          onChange={({ target }) => setRelease(target.value)}
        />
        <span className="muted">Such as r42; left empty where nobody knows</span>
      </label>
      <ul className="plan-list">
        <li>Its severity is proposed from how bad it is and for how many; a person confirms it.</li>
      </ul>
    </Confirm>
  );
}
