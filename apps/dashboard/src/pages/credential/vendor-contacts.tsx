import { useQuery } from "@tanstack/react-query";
import type { ReactElement } from "react";
import { useState } from "react";
import { asked, useChange } from "../../api/answers.ts";
import { useWho } from "../../api/who.ts";
import { ActionButton } from "../../components/action-button.tsx";
import { Answered, EmptyNote } from "../../components/answered.tsx";
import { Confirm } from "../../components/confirm.tsx";
import { FewAtATime } from "../../components/few-at-a-time.tsx";
import { FewInList } from "../../components/few-in-list.tsx";
import { RelativeTime } from "../../components/relative-time.tsx";

/** As many contacts as are asked for at once. */
const most = 500;

/** What was spoken of with the vendors of the project's keys, the newest first; asked for where somebody opens one. */
export function VendorContacts({ vendors }: { readonly vendors: readonly string[] }): ReactElement {
  if (vendors.length === 0) return <EmptyNote title="No key of a vendor is in the inventory" />;
  return (
    <FewAtATime rows={vendors}>
      {(shown) => (
        <ul className="rows card">
          {shown.map((vendor) => (
            <Vendor key={vendor} vendor={vendor} />
          ))}
        </ul>
      )}
    </FewAtATime>
  );
}

function Vendor({ vendor }: { readonly vendor: string }): ReactElement {
  const { may } = useWho();
  const [open, setOpen] = useState(false);
  const [asks, ask] = useState(false);
  return (
    <li className="duty-evidence">
      <details className="duty-evidence-words" onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
        <summary>{vendor}</summary>
        {open ? <Contacts vendor={vendor} /> : null}
        <p>
          <ActionButton small possible={may("change", null)} onPress={() => ask(true)}>
            Write down …
          </ActionButton>
        </p>
      </details>
      {asks ? <LogContactDialog vendor={vendor} onClose={() => ask(false)} /> : null}
    </li>
  );
}

function Contacts({ vendor }: { readonly vendor: string }): ReactElement {
  const contacts = useQuery(asked("vendorContacts", { vendor, limit: most }));
  return (
    <Answered question={contacts}>
      {(found) =>
        found.length === 0 ? (
          <p className="muted">Nothing was spoken of yet.</p>
        ) : (
          <>
            <ol className="plan-list">
              <FewInList rows={found}>
                {({ number, at, by, note }) => (
                  <li key={number}>
                    <span className="muted">
                      <RelativeTime at={at} /> by {by}
                    </span>{" "}
                    {note}
                  </li>
                )}
              </FewInList>
            </ol>
            {found.length === most ? <p className="muted">Older ones stand in the audit.</p> : null}
          </>
        )
      }
    </Answered>
  );
}

/** Writes down what was spoken of with a vendor. */
function LogContactDialog({
  vendor,
  onClose,
}: {
  readonly vendor: string;
  readonly onClose: () => void;
}): ReactElement {
  const { name: by } = useWho();
  const [note, setNote] = useState("");
  const log = useChange("logVendorContact");
  return (
    <Confirm
      title={`Spoken of with ${vendor}`}
      verb="Write it down"
      ready={note.trim() !== ""}
      onClose={onClose}
      act={() => log.mutateAsync({ by, vendor, note: note.trim() })}
    >
      <label className="field">
        With whom, and what was said
        <textarea rows={4} value={note} maxLength={4000} required onChange={({ target }) => setNote(target.value)} />
        <span className="muted">It is never changed. Never a secret.</span>
      </label>
    </Confirm>
  );
}
