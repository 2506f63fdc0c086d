import { codeOf, messageOf } from "@fairway/core";
import type { ReactElement, ReactNode } from "react";
import { useState } from "react";
import { Icon } from "./icons.tsx";
import { FewInList } from "./few-in-list.tsx";
import { capital } from "../text/capital.ts";

/** What is needed of a question to show where it stands. */
export interface Question<Data> {
  readonly data: Data | undefined;
  readonly error: Error | null;
  readonly refetch: () => unknown;
  readonly isFetching: boolean;
  /** How often it went wrong: while it is asked again, why it did last time is not known to it any more. */
  readonly errorUpdateCount: number;
}

/**
 * Shows an answer, or why there is none: it is still coming, who asks may not see it, the daemon is away, or something went
 * wrong. An old answer stays on the page while a newer one cannot be had, and a problem while it is asked again, so that what
 * somebody reads or holds the keyboard's place in does not flicker.
 */
export function Answered<Data>({
  question: { data, error, refetch, isFetching, errorUpdateCount },
  children,
  rows = 3,
  missing,
}: {
  readonly question: Question<Data>;
  readonly children: (data: Data) => ReactNode;
  /** Shown where there is nothing that could be answered with, if that is no problem. */
  readonly missing?: ReactElement;
  /** How many lines the space for it takes while it comes. */
  readonly rows?: number;
}): ReactNode {
  const [last, setLast] = useState(error);
  if (error !== null && error !== last) setLast(error);
  if (data !== undefined) return children(data);
  const thrown = error ?? (errorUpdateCount > 0 ? last : null);
  if (missing !== undefined && codeOf(thrown) === "not_found") return missing;
  if (thrown !== null) return <ProblemNote thrown={thrown} again={() => void refetch()} busy={isFetching} />;
  return <Loading rows={rows} />;
}

/**
 * Why there is no answer that a page could do without. Of an old one it says nothing: that is still shown, and the note above
 * every page speaks of it.
 */
export function WhyNone({
  question: { data, error, refetch },
}: {
  readonly question: Pick<Question<unknown>, "data" | "error" | "refetch">;
}): ReactElement | null {
  return data !== undefined || error === null ? null : <ProblemNote thrown={error} again={() => void refetch()} />;
}

/** Where something will be. Read aloud once, whatever its size. */
export function Loading({ rows = 3 }: { readonly rows?: number }): ReactElement {
  return (
    <div className="loading" role="status">
      <span className="sr-only">Loading</span>
      {Array.from({ length: rows }, (_, row) => (
        <span key={row} className="loading-row" aria-hidden="true" />
      ))}
    </div>
  );
}

/** A sentence in place of a list without anything in it, and what would put something there. */
export function EmptyNote({
  title,
  children,
}: {
  readonly title: string;
  readonly children?: ReactNode;
}): ReactElement {
  return (
    <div className="empty">
      <p className="empty-title">{title}</p>
      {children}
    </div>
  );
}

/** What went wrong, in the server's words, and what to do about it. */
export function ProblemNote({
  thrown,
  again,
  busy = false,
}: {
  readonly thrown: unknown;
  readonly again?: () => void;
  /** Whether it is being asked again. */
  readonly busy?: boolean;
}): ReactElement {
  const { hint, problems = [] } = thrown as { readonly hint?: string; readonly problems?: readonly string[] };
  const isDenied = codeOf(thrown) === "denied";
  // What can be asked again was only to be seen.
  const denied = again === undefined ? "You may not do this" : "You may not see this";
  return (
    <div className="note" data-tone={isDenied ? "waiting" : "failed"} role="alert">
      <Icon name={isDenied ? "lock" : "bang"} />
      <div>
        <p className="note-title">{isDenied ? denied : capital(messageOf(thrown))}</p>
        {isDenied ? <p>{capital(messageOf(thrown))}</p> : null}
        {problems.length > 1 ? (
          <ul>
            <FewInList rows={problems}>{(problem) => <li key={problem}>{problem}</li>}</FewInList>
          </ul>
        ) : null}
        {hint === undefined ? null : <p className="muted">{capital(hint)}</p>}
        {again === undefined ? null : (
          <button type="button" className="button button-small" aria-busy={busy} onClick={again}>
            {busy ? "Asking again …" : "Try again"}
          </button>
        )}
      </div>
    </div>
  );
}
