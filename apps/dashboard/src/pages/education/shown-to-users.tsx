import type { DisclosuresShape } from "@fairway/api";
import { useQuery } from "@tanstack/react-query";
import type { ReactElement } from "react";
import { useState } from "react";
import { asked, useChange } from "../../api/answers.ts";
import { useWho } from "../../api/who.ts";
import { ActionButton } from "../../components/action-button.tsx";
import { Answered, EmptyNote } from "../../components/answered.tsx";
import { Confirm } from "../../components/confirm.tsx";
import { CopyText } from "../../components/copy-text.tsx";
import { FewInList } from "../../components/few-in-list.tsx";
import { RelativeTime } from "../../components/relative-time.tsx";
import { StateBadge } from "../../components/state-mark.tsx";

const look = {
  failure: ["failed", "something is to be mended"],
  action_required: ["waiting", "somebody has to say yes"],
  success: ["succeeded", "said yes to"],
} as const;

/** What the newest commit shows its users, held against the rules, and the yes that it needs. */
export function ShownToUsers(): ReactElement {
  const disclosures = useQuery(asked("disclosures", {}));
  const missing = (
    <EmptyNote title="Nothing says what users have to be shown">
      <p>
        Rules stand in <code>ops/disclosures.yaml</code> of the project.
      </p>
    </EmptyNote>
  );
  return (
    <Answered question={disclosures} missing={missing}>
      {(found) => <Found disclosures={found} />}
    </Answered>
  );
}

function Found({ disclosures }: { readonly disclosures: DisclosuresShape }): ReactElement {
  const { may } = useWho();
  const [asks, ask] = useState(false);
  const { commit, digest, state, findings, approved } = disclosures;
  const [mark, words] = look[state];
  return (
    <>
      <p className="row row-wrap">
        <StateBadge state={mark} word={words} />
        <span>
          in commit <code>{commit.slice(0, 12)}</code>
          {approved === null ? null : (
            <>
              , by {approved.by} <RelativeTime at={approved.at} />
            </>
          )}
        </span>
        <CopyText text={digest} short={`${digest.slice(0, 19)}…`} label="the digest of what users see" />
        {state === "action_required" ? (
          <ActionButton small possible={may("change", null)} onPress={() => ask(true)}>
            Say yes …
          </ActionButton>
        ) : null}
      </p>
      {findings.length === 0 ? null : (
        <ul className="rows card">
          <FewInList rows={findings}>
            {({ file, line, code, message }) => (
              <li key={`${file}:${line} ${code} ${message}`} className="duty-evidence">
                <div className="duty-evidence-words">
                  <p>{message}</p>
                  <p className="muted mono">
                    {file}:{line} {code}
                  </p>
                </div>
              </li>
            )}
          </FewInList>
        </ul>
      )}
      {asks ? <ApproveDialog disclosures={disclosures} onClose={() => ask(false)} /> : null}
    </>
  );
}

/** Says yes to exactly what users see now. */
function ApproveDialog({
  disclosures: { commit, digest },
  onClose,
}: {
  readonly disclosures: DisclosuresShape;
  readonly onClose: () => void;
}): ReactElement {
  const { name: by } = useWho();
  const [note, setNote] = useState("");
  const approve = useChange("approveDisclosures");
  return (
    <Confirm
      title={`Say yes to what ${commit.slice(0, 12)} shows its users`}
      verb="Say yes"
      onClose={onClose}
      act={() => approve.mutateAsync({ by, ref: commit, digest, note: note.trim() })}
    >
      <ul className="plan-list">
        <li>Only whoever has the role may, and wrote none of it.</li>
        <li>It is void once a word changes.</li>
      </ul>
      <label className="field">
        A note, for the record
        <textarea rows={2} value={note} maxLength={2000} onChange={({ target }) => setNote(target.value)} />
      </label>
    </Confirm>
  );
}
