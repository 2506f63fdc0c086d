import type { ReactElement } from "react";
import { useChange } from "../api/answers.ts";
import { useWho } from "../api/who.ts";
import { Confirm } from "../components/confirm.tsx";

/** Tries a run again. */
export function RetryDialog({ run, onClose }: { readonly run: string; readonly onClose: () => void }): ReactElement {
  const { name } = useWho();
  const retry = useChange("retry");
  return (
    <Confirm
      title={`Try ${run} again`}
      verb="Try again"
      onClose={onClose}
      act={() => retry.mutateAsync({ run, by: name })}
    >
      <p>What did not succeed is done again; what succeeded is kept.</p>
    </Confirm>
  );
}
