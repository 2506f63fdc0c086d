import type { ReactElement } from "react";
import { useState } from "react";
import { Icon } from "./icons.tsx";

/** A text that is copied by a press: a command, a digest, an address. */
export function CopyText({
  text,
  label,
  short,
}: {
  readonly text: string;
  readonly label: string;
  readonly short?: string;
}): ReactElement {
  const [said, say] = useState("");
  async function copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(text);
      say("Copied");
    } catch {
      say("The browser does not let it be copied"); // The text stands there, to be selected.
    }
    setTimeout(() => say(""), 2000);
  }
  return (
    <span className="copy">
      <code title={short === undefined ? undefined : text}>{short ?? text}</code>
      <button type="button" className="icon-button" aria-label={`Copy ${label}`} onClick={() => void copy()}>
        <Icon name={said === "Copied" ? "check" : "copy"} />
      </button>
      <span role="status" className="sr-only">
        {said}
      </span>
    </span>
  );
}
