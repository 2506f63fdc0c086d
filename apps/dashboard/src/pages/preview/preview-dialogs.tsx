import type { PreviewShape } from "@fairway/api";
import type { ReactElement } from "react";
import { useState } from "react";
import { useChange } from "../../api/answers.ts";
import { useWho } from "../../api/who.ts";
import { Confirm } from "../../components/confirm.tsx";
import { CopyText } from "../../components/copy-text.tsx";

/** Opens a preview of what somebody names. */
export function OpenPreviewDialog({ onClose }: { readonly onClose: () => void }): ReactElement {
  const { name } = useWho();
  const [ref, setRef] = useState("");
  const open = useChange("openPreview");
  return (
    <Confirm
      title="Open a preview"
      verb="Open it"
      ready={ref.trim() !== ""}
      onClose={onClose}
      act={() => open.mutateAsync({ ref: ref.trim(), by: name })}
    >
      <label className="field">
        A branch, a tag, a commit, or the number of an open pull request
        <input value={ref} maxLength={1024} required onChange={({ target }) => setRef(target.value)} />
      </label>
      <p className="muted">Of a branch it follows each push, and it ends with the branch.</p>
    </Confirm>
  );
}

/** Takes a preview away. */
export function ClosePreviewDialog({ preview: { name }, onClose }: Asked): ReactElement {
  const { name: by } = useWho();
  const close = useChange("closePreview");
  return (
    <Confirm
      title={`Close ${name}`}
      verb={`Close ${name}`}
      danger
      onClose={onClose}
      act={() => close.mutateAsync({ preview: name, by })}
    >
      <ul className="plan-list">
        <li>Its replicas, its hosts and its databases are taken away, with all that is in them.</li>
        <li>It comes back with the next push, not with the same commit.</li>
      </ul>
    </Confirm>
  );
}

/** Lets one commit of a fork run here. */
export function AllowForkDialog({ preview: { name, sha, title, ref, openedBy }, onClose }: Asked): ReactElement {
  const { name: by } = useWho();
  const [looked, setLooked] = useState(false);
  const approve = useChange("approvePreview");
  return (
    <Confirm
      title={`Let this commit have ${name}`}
      verb="Let it in"
      ready={looked}
      onClose={onClose}
      act={() => approve.mutateAsync({ preview: name, sha, by })}
    >
      <ul className="plan-list">
        <li>{title}</li>
        <li>
          {ref} by {openedBy}, at <CopyText text={sha} short={sha.slice(0, 12)} label="the commit" />
        </li>
        <li>Its code is built and run on this machine. It gets no secrets, and the next push asks again.</li>
      </ul>
      <label className="check">
        <input type="checkbox" checked={looked} onChange={({ target }) => setLooked(target.checked)} />I have read what
        this commit changes
      </label>
    </Confirm>
  );
}

interface Asked {
  readonly preview: PreviewShape;
  readonly onClose: () => void;
}
