import type { LogMarks } from "@fairway/api";
import type { ReactElement } from "react";
import { Icon } from "../components/icons.tsx";
import { wordsOf } from "../text/sgr.ts";

/** So many are listed; the rest is found by searching. */
const most = 200;

/**
 * The errors and warnings of a log, each a way to its line; its groups where there are none. Nothing where there is neither.
 */
export function LogOutline({
  marks,
  onLine,
}: {
  readonly marks: LogMarks["marks"];
  readonly onLine: (line: number) => void;
}): ReactElement | null {
  const all = marks.filter(({ kind, line }) => kind !== "endgroup" && line !== null);
  if (all.length === 0) return null;
  const count = (is: (kind: string) => boolean): number => all.filter(({ kind }) => is(kind)).length;
  const errors = count((kind) => kind === "error");
  const groups = count((kind) => kind === "group");
  const others = all.length - errors - groups;
  const words = [
    said(errors, "error"),
    others === 1 ? "1 warning or notice" : others === 0 ? "" : `${others} warnings or notices`,
    said(groups, "group"),
  ].filter(Boolean);
  // What is wrong comes first, so that a thousand groups do not hide it.
  const listed = all.toSorted((one, other) => rank(one.kind) - rank(other.kind)).slice(0, most);
  return (
    <details className="log-outline" open={errors > 0}>
      <summary>{words.join(", ")}</summary>
      <ul>
        {listed.map(({ offset, line, kind, text }) => (
          <li key={offset} data-tone={kind === "error" ? "failed" : kind === "warning" ? "waiting" : "plain"}>
            <button type="button" className="log-outline-item" onClick={() => line !== null && onLine(line)}>
              <Icon name={kind === "error" ? "cross" : kind === "group" ? "chevron" : "bang"} />
              <span className="sr-only">{kind}</span>
              <span className="cut">{wordsOf(text)}</span>
              <span className="num muted">{line}</span>
            </button>
          </li>
        ))}
      </ul>
      {all.length > most ? <p className="muted log-outline-more">{all.length - most} more are not listed.</p> : null}
    </details>
  );
}

const rank = (kind: string): number => ["error", "warning", "notice", "group"].indexOf(kind);

const said = (number: number, what: string): string =>
  number === 0 ? "" : `${number} ${what}${number === 1 ? "" : "s"}`;
