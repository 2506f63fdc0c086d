import type { ReleaseShape } from "@fairway/api";
import { hrefOf } from "@fairway/api/client";
import type { Possible } from "@fairway/core";
import { useQuery } from "@tanstack/react-query";
import type { ReactElement } from "react";
import { useState } from "react";
import { DeployDialog } from "../../actions/deploy-dialog.tsx";
import { asked, useChange } from "../../api/answers.ts";
import { allOf } from "../../api/may.ts";
import { useWho } from "../../api/who.ts";
import { ActionButton } from "../../components/action-button.tsx";
import { Confirm } from "../../components/confirm.tsx";
import { DownloadLink } from "../../components/download-link.tsx";

/** Brings a release somewhere, takes its evidence away, keeps it from everywhere, or lets it go again. */
export function ReleaseActions({ release }: { readonly release: ReleaseShape }): ReactElement {
  const { may } = useWho();
  const status = useQuery(asked("status", {}));
  const [open, setOpen] = useState<{ readonly deploy: string } | "quarantine" | null>(null);
  const close = (): void => setOpen(null);
  const held = release.quarantine !== null;
  const fit: Possible =
    release.quarantine === null
      ? { possible: true }
      : { possible: false, reason: `${release.id} is in quarantine: ${release.quarantine.reason}` };
  return (
    <>
      {(status.data?.environments ?? [])
        .filter(({ current }) => current?.release !== release.id)
        .map(({ name }) => (
          <ActionButton key={name} possible={allOf(may("change", name), fit)} onPress={() => setOpen({ deploy: name })}>
            Deploy to {name}
          </ActionButton>
        ))}
      <DownloadLink possible={may("audit", null)} href={hrefOf("evidenceBundle", { release: release.id })}>
        Evidence bundle
      </DownloadLink>
      <ActionButton
        tone={held ? "plain" : "danger"}
        possible={may("change", null)}
        onPress={() => setOpen("quarantine")}
      >
        {held ? "Lift the quarantine" : "Quarantine"}
      </ActionButton>
      {open === "quarantine" ? <QuarantineDialog release={release} onClose={close} /> : null}
      {open !== null && open !== "quarantine" ? (
        <DeployDialog environment={open.deploy} release={release.id} onClose={close} />
      ) : null}
    </>
  );
}

function QuarantineDialog({
  release,
  onClose,
}: {
  readonly release: ReleaseShape;
  readonly onClose: () => void;
}): ReactElement {
  const { name } = useWho();
  const [reason, setReason] = useState("");
  const quarantine = useChange("quarantine");
  const lift = useChange("liftQuarantine");
  const held = release.quarantine !== null;
  const input = { release: release.id, by: name, reason: reason.trim() };
  return (
    <Confirm
      title={held ? `Lift the quarantine of ${release.id}` : `Put ${release.id} into quarantine`}
      verb={held ? "Lift it" : "Quarantine it"}
      danger={!held}
      ready={reason.trim() !== ""}
      onClose={onClose}
      act={() => (held ? lift.mutateAsync(input) : quarantine.mutateAsync(input))}
    >
      <ul className="plan-list">
        <li>
          {held
            ? "It can be deployed again, and so can every release with the same digest."
            : "Nobody and nothing can deploy it, nor any release with the same digest, until a person lifts that."}
        </li>
        {held || release.runningIn.length === 0 ? null : <li>Where it runs, it runs on.</li>}
      </ul>
      <label className="field">
        Why, for whoever meets it
        <input value={reason} maxLength={2000} required onChange={({ target }) => setReason(target.value)} />
      </label>
    </Confirm>
  );
}
