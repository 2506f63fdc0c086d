import type { ReactElement } from "react";
import { useState } from "react";
import { useChange } from "../../api/answers.ts";
import { useWho } from "../../api/who.ts";
import { Confirm } from "../../components/confirm.tsx";

/** Says what has become of a migration that was left half done. Fairway does not find that out by itself. */
export function ResolveDialog({
  environment,
  service,
  migration,
  onClose,
}: {
  readonly environment: string;
  readonly service: string;
  readonly migration: string;
  readonly onClose: () => void;
}): ReactElement {
  const { name: by } = useWho();
  const [as, setAs] = useState<"applied" | "pending" | null>(null);
  const resolve = useChange("resolveMigration");
  return (
    <Confirm
      title={`What has become of ${migration}`}
      verb="Put it on record"
      danger
      ready={as !== null}
      onClose={onClose}
      act={async () => {
        if (as !== null) await resolve.mutateAsync({ environment, migration, as, through: false, service, by });
      }}
    >
      <ul className="plan-list">
        <li>
          Look into the database of {service} in {environment} first. Nothing is run; what you say is taken for true.
        </li>
      </ul>
      <fieldset className="choice">
        <legend className="sr-only">What has become of it</legend>
        <label className="check">
          <input type="radio" name="as" checked={as === "applied"} onChange={() => setAs("applied")} />
          It is done: all that it does is there
        </label>
        <label className="check">
          <input type="radio" name="as" checked={as === "pending"} onChange={() => setAs("pending")} />
          It is still to be run: nothing of it is there
        </label>
      </fieldset>
    </Confirm>
  );
}
