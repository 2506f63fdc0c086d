import type { DutiesShape } from "@fairway/api";
import type { ReactElement } from "react";
import { useState } from "react";
import { useChange } from "../../api/answers.ts";
import { useWho } from "../../api/who.ts";
import { ActionButton } from "../../components/action-button.tsx";
import { EmptyNote } from "../../components/answered.tsx";
import { Confirm } from "../../components/confirm.tsx";
import { CopyText } from "../../components/copy-text.tsx";
import { FewInList } from "../../components/few-in-list.tsx";
import { Note } from "../../components/note.tsx";

/** Whose duties hold, where that is not simply the newest commit's: problems of a commit, or one that asks for less. */
export function DutiesInForce({
  inForce: { commit, looked, problems, held },
}: {
  readonly inForce: Omit<DutiesShape, "duties">;
}): ReactElement {
  const { may } = useWho();
  const [accepts, setAccepts] = useState(false);
  return (
    <>
      {commit === null && problems.length === 0 ? (
        <EmptyNote title="No duties hold yet">
          <p>
            What people owe stands in <code>ops/</code> of the project. Write it, commit it, and have it read:
          </p>
          <CopyText text="fairway duties read" label="the command" />
        </EmptyNote>
      ) : null}
      {problems.length === 0 ? null : (
        <Note
          tone="failed"
          title={
            <>
              The duties of <code>{looked?.slice(0, 12)}</code> do not hold
              {commit === null ? "" : `; those of ${commit.slice(0, 12)} do still`}
            </>
          }
        >
          <ul className="duty-problems">
            {problems.slice(0, 50).map((problem) => (
              <li key={problem}>{problem}</li>
            ))}
          </ul>
          {problems.length > 50 ? <p className="muted">and {problems.length - 50} more</p> : null}
        </Note>
      )}
      {held === null ? null : (
        <Note
          tone="waiting"
          icon="pause"
          title={
            <>
              <code>{held.commit.slice(0, 12)}</code> asks for less, and waits for{" "}
              {held.waitsFor.length === 0 ? "the gate's owner" : held.waitsFor.join(" and ")}
            </>
          }
        >
          <ul>
            <FewInList rows={held.weaker}>{(each) => <li key={each}>{each}</li>}</FewInList>
          </ul>
          <ActionButton small possible={may("approve")} onPress={() => setAccepts(true)}>
            Accept it …
          </ActionButton>
          {accepts ? <AcceptDialog held={held} onClose={() => setAccepts(false)} /> : null}
        </Note>
      )}
    </>
  );
}

function AcceptDialog({
  held: { commit, weaker },
  onClose,
}: {
  readonly held: NonNullable<DutiesShape["held"]>;
  readonly onClose: () => void;
}): ReactElement {
  const { name: by } = useWho();
  const accept = useChange("acceptDuties");
  return (
    <Confirm
      title={`Let the duties of ${commit.slice(0, 12)} hold`}
      verb="Accept it"
      danger
      onClose={onClose}
      act={() => accept.mutateAsync({ by, what: commit })}
    >
      <ul className="plan-list">
        {weaker.map((each) => (
          <li key={each}>{each}</li>
        ))}
        <li>They hold once the owner of each gate has said so.</li>
      </ul>
    </Confirm>
  );
}
