import type { ReactElement, ReactNode } from "react";
import { useState } from "react";
import { ProblemNote } from "./answered.tsx";
import { Dialog } from "./dialog.tsx";

/** Asks before something is done, and shows exactly what that will be. A failure stays on it and says what to do. */
export function Confirm({
  title,
  verb,
  children,
  danger = false,
  ready = true,
  closes = true,
  onClose,
  act,
}: {
  readonly title: string;
  /** What the button says: the thing itself, never "OK". */
  readonly verb: string;
  readonly children: ReactNode;
  readonly danger?: boolean;
  /** Whether all that must be known or typed first is there. */
  readonly ready?: boolean;
  /** Whether it closes by itself when all went well; false where something is to be shown then. */
  readonly closes?: boolean;
  readonly onClose: () => void;
  readonly act: () => Promise<unknown>;
}): ReactElement {
  const [thrown, setThrown] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  async function submit(): Promise<void> {
    setBusy(true);
    setThrown(null);
    try {
      await act();
      if (closes) onClose();
    } catch (failure) {
      setThrown(failure);
    } finally {
      setBusy(false);
    }
  }
  return (
    <Dialog title={title} onClose={onClose}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          if (ready && !busy) void submit();
        }}
      >
        {children}
        {thrown === null ? null : <ProblemNote thrown={thrown} />}
        <div className="dialog-actions">
          <button type="button" className="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className={`button button-${danger ? "danger" : "main"}`} disabled={!ready || busy}>
            {busy ? "Working …" : verb}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
