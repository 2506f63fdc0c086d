import type { BackupRepositoryShape } from "@fairway/api";
import type { ReactElement } from "react";
import { useState } from "react";
import { useChange } from "../../api/answers.ts";
import { useWho } from "../../api/who.ts";
import { ActionButton } from "../../components/action-button.tsx";
import { Confirm } from "../../components/confirm.tsx";

/** What can be done with a repository: one more backup, and a drill that restores one. */
export function RepositoryActions({
  repository: { name, label, watched },
}: {
  readonly repository: BackupRepositoryShape;
}): ReactElement | null {
  const { may } = useWho();
  const [asks, ask] = useState<"backup" | "drill" | null>(null);
  const take = useChange("takeBackup");
  const drill = useChange("startDrill");
  if (label === null) return null;
  const possible = may("operate", null);
  const onClose = (): void => ask(null);
  return (
    <div className="row row-wrap">
      {watched ? null : (
        <ActionButton small possible={possible} onPress={() => ask("backup")}>
          Back up …
        </ActionButton>
      )}
      <ActionButton small possible={possible} onPress={() => ask("drill")}>
        Drill …
      </ActionButton>
      {asks === "backup" ? (
        <Confirm
          title={`Back up ${name} now`}
          verb="Back it up"
          onClose={onClose}
          act={() => take.mutateAsync({ of: name })}
        >
          <ul className="plan-list">
            <li>It is one more, beside those of its schedule.</li>
          </ul>
        </Confirm>
      ) : null}
      {asks === "drill" ? (
        <Confirm
          title={`Restore a backup of ${name}`}
          verb="Start the drill"
          onClose={onClose}
          act={() => drill.mutateAsync({ of: name, choose: "latest" })}
        >
          <ul className="plan-list">
            <li>The newest backup is restored apart from everything, started and looked at, and cleared away.</li>
            <li>What each step finds is put on record.</li>
          </ul>
        </Confirm>
      ) : null}
    </div>
  );
}
