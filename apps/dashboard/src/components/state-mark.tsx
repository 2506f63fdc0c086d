import type { State } from "@fairway/core";
import type { ReactElement } from "react";
import { classNames } from "../text/class-names.ts";

const shapes: Readonly<Record<State, ReactElement>> = {
  pending: <circle cx="8" cy="8" r="5.5" strokeDasharray="2.4 2.4" />,
  running: (
    <>
      <circle cx="8" cy="8" r="5.5" className="mark-track" />
      <path d="M8 2.5A5.5 5.5 0 0113.5 8" className="mark-arc" />
    </>
  ),
  waiting: (
    <>
      <circle cx="8" cy="8" r="5.5" />
      <path d="M8 5v3.2l2 1.3" />
    </>
  ),
  succeeded: (
    <>
      <circle cx="8" cy="8" r="6.5" className="mark-fill" />
      <path d="M5.2 8.3l2 2 3.6-4.2" className="mark-cut" />
    </>
  ),
  failed: (
    <>
      <circle cx="8" cy="8" r="6.5" className="mark-fill" />
      <path d="M5.8 5.8l4.4 4.4m0-4.4l-4.4 4.4" className="mark-cut" />
    </>
  ),
  errored: (
    <>
      <path d="M8 1.6l6.8 12.2H1.2z" className="mark-fill" />
      <path d="M8 6v3.6m0 1.7v.1" className="mark-cut" />
    </>
  ),
  aborted: (
    <>
      <circle cx="8" cy="8" r="5.5" />
      <path d="M4.2 11.8l7.6-7.6" />
    </>
  ),
};

/** The shape of a state. It has a form of its own in every state, so that its colour is never needed. */
export function StateMark({ state, large = false }: { readonly state: State; readonly large?: boolean }): ReactElement {
  return (
    <svg
      className={classNames("mark", large && "mark-large")}
      data-state={state}
      viewBox="0 0 16 16"
      aria-hidden="true"
      focusable="false"
    >
      {shapes[state]}
    </svg>
  );
}

/** A state as a shape and a word; the word may be another where one says more. */
export function StateBadge({ state, word = state }: { readonly state: State; readonly word?: string }): ReactElement {
  return (
    <span className="badge" data-state={state}>
      <StateMark state={state} />
      {word}
    </span>
  );
}
