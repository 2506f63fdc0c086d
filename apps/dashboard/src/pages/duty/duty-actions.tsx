import type { DutyShape } from "@fairway/api";
import { useNavigate } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { useState } from "react";
import { useChange } from "../../api/answers.ts";
import { useWho } from "../../api/who.ts";
import { ActionButton } from "../../components/action-button.tsx";
import { Confirm } from "../../components/confirm.tsx";
import { AttestDialog, WaiveDialog } from "./duty-dialogs.tsx";
import { isOwedPerRelease } from "./per-release.ts";
import { ReleaseField } from "./release-field.tsx";

/** What can be done about a duty: run what shows it by itself, show it, or have it passed over. */
export function DutyActions({
  duty,
  release,
  small = false,
}: {
  readonly duty: DutyShape;
  readonly release: string | null;
  readonly small?: boolean;
}): ReactElement {
  const { may } = useWho();
  const [asks, ask] = useState<"run" | "attest" | "waive" | null>(null);
  const close = (): void => ask(null);
  // The server asks about the project as a whole: what is asked of it names no environment.
  const change = may("change", null);
  return (
    <div className="row row-wrap">
      {duty.runs === null ? null : (
        <ActionButton small={small} possible={change} onPress={() => ask("run")}>
          Run …
        </ActionButton>
      )}
      {duty.mend === null ? (
        <ActionButton small={small} possible={change} onPress={() => ask("attest")}>
          Attest …
        </ActionButton>
      ) : null}
      {duty.state === "ok" ? null : (
        <ActionButton small={small} possible={may("approve", null)} onPress={() => ask("waive")}>
          Waive …
        </ActionButton>
      )}
      {asks === "run" ? <RunDutyDialog duty={duty} release={release} onClose={close} /> : null}
      {asks === "attest" ? <AttestDialog duty={duty} release={release} onClose={close} /> : null}
      {asks === "waive" ? <WaiveDialog duty={duty} release={release} onClose={close} /> : null}
    </div>
  );
}

/** Begins what shows a duty by itself, such as a rotation, a probe or a scan, and leads to its run. */
function RunDutyDialog({
  duty: { id, title, automation, cadence, runs },
  release,
  onClose,
}: {
  readonly duty: DutyShape;
  readonly release: string | null;
  readonly onClose: () => void;
}): ReactElement {
  const { name: by } = useWho();
  const [of, setOf] = useState(release ?? "");
  const run = useChange("runDuty");
  const navigate = useNavigate();
  const perRelease = isOwedPerRelease(cadence);
  return (
    <Confirm
      title={`Run: ${title}`}
      verb="Run it"
      ready={!perRelease || /^r\d+$/.test(of.trim())}
      onClose={onClose}
      act={async () => {
        const begun = await run.mutateAsync({ by, duty: id, release: perRelease ? of.trim() : null });
        await navigate({ to: "/runs/$run", params: { run: begun.id } });
      }}
    >
      <ul className="plan-list">
        <li>{automation ?? runs?.kind ?? id}</li>
        <li>What it comes to is put on record.</li>
      </ul>
      {perRelease ? <ReleaseField value={of} onChange={setOf} /> : null}
    </Confirm>
  );
}
