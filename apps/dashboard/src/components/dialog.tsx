import type { ReactElement, ReactNode } from "react";
import { useEffect, useId, useRef } from "react";

/**
 * A dialog that the page waits for. The browser's own: it keeps the focus in and gives it back, and needs no style that a
 * content security policy would have to allow, as those of libraries do that lock scrolling.
 */
export function Dialog({
  title,
  onClose,
  children,
  kind = "ask",
}: {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
  /** `palette` has its title for readers of the screen only. */
  readonly kind?: "ask" | "palette" | "sheet";
}): ReactElement {
  const element = useRef<HTMLDialogElement>(null);
  const label = useId();
  useEffect(() => {
    const dialog = element.current;
    const before = document.activeElement;
    if (dialog !== null && !dialog.open) dialog.showModal();
    return () => {
      dialog?.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  return (
    // The click that closes is a convenience beside Escape and the buttons, which are for everybody.
    <dialog
      ref={element}
      className={`dialog dialog-${kind}`}
      aria-labelledby={label}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClick={(event) => {
        if (event.target === element.current) onClose();
      }}
    >
      <div className="dialog-body">
        <h2 id={label} className={kind === "palette" ? "sr-only" : "dialog-title"}>
          {title}
        </h2>
        {children}
      </div>
    </dialog>
  );
}
