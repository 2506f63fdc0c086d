import { useRouter } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { useState } from "react";
import { useChange } from "../api/answers.ts";
import { useWho } from "../api/who.ts";
import { Confirm } from "../components/confirm.tsx";

/** Makes a release of a commit, and has it go where releases go by themselves. */
export function ReleaseDialog({ onClose }: { readonly onClose: () => void }): ReactElement {
  const router = useRouter();
  const { name: by } = useWho();
  const [ref, setRef] = useState("HEAD");
  const [deploy, setDeploy] = useState(true);
  const release = useChange("makeRelease");
  return (
    <Confirm
      title="Make a release"
      verb="Check and build it"
      ready={ref.trim() !== ""}
      onClose={onClose}
      act={async () => {
        const { id } = await release.mutateAsync({ ref: ref.trim(), by, deploy });
        void router.navigate({ to: "/runs/$run", params: { run: id } });
      }}
    >
      <label className="field">
        A branch, a tag or a commit
        <input
          value={ref}
          maxLength={300}
          required
          spellCheck={false}
          onChange={({ target }) => setRef(target.value)}
        />
      </label>
      <label className="check">
        <input type="checkbox" checked={deploy} onChange={({ target }) => setDeploy(target.checked)} />
        Deploy it where releases go by themselves
      </label>
      <ul className="plan-list">
        <li>The commit is checked and built once. What fails makes no release.</li>
      </ul>
    </Confirm>
  );
}
