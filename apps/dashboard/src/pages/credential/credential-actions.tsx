import type { DutyShape } from "@fairway/api";
import { useNavigate } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { useState } from "react";
import { useChange } from "../../api/answers.ts";
import { useWho } from "../../api/who.ts";
import { ActionButton } from "../../components/action-button.tsx";
import { Confirm } from "../../components/confirm.tsx";
import { AttestDialog } from "../duty/duty-dialogs.tsx";

/** What can be done about what is owed of a key: begin what shows it by itself, such as a rotation or a probe, or say it. */
export function CredentialActions({ duty }: { readonly duty: DutyShape }): ReactElement {
  const { name: by, may } = useWho();
  const [asks, ask] = useState<"run" | "attest" | null>(null);
  const run = useChange("runDuty");
  const navigate = useNavigate();
  const possible = may("change", null);
  return (
    <div className="row row-wrap">
      {duty.automation === null ? null : (
        <ActionButton small possible={possible} onPress={() => ask("run")}>
          Run …
        </ActionButton>
      )}
      <ActionButton small possible={possible} onPress={() => ask("attest")}>
        Attest …
      </ActionButton>
      {asks === "run" ? (
        <Confirm
          title={`Run: ${duty.title}`}
          verb="Run it"
          onClose={() => ask(null)}
          act={async () => {
            const begun = await run.mutateAsync({ by, duty: duty.id, release: null });
            await navigate({ to: "/runs/$run", params: { run: begun.id } });
          }}
        >
          <ul className="plan-list">
            <li>{duty.automation}</li>
            <li>What it comes to is put on record.</li>
          </ul>
        </Confirm>
      ) : null}
      {asks === "attest" ? <AttestDialog duty={duty} release={null} onClose={() => ask(null)} /> : null}
    </div>
  );
}
