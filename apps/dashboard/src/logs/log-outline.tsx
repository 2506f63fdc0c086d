import { useQuery } from "@tanstack/react-query";
import type { ReactElement } from "react";
import { asked } from "../api/answers.ts";
import { Icon } from "../components/icons.tsx";
import { wordsOf } from "../text/sgr.ts";
import type { LogSource } from "./log-source.ts";

const most = 200;

/** The groups of a log and its errors and warnings, each a way to its line. Nothing where there are none. */
export function LogOutline({
  source,
  ended,
  onLine,
}: {
  readonly source: LogSource;
  readonly ended: boolean;
  readonly onLine: (line: number) => void;
}): ReactElement | null {
  const { data } = useQuery({ ...asked("logMarks", { ...source, most }), enabled: ended });
  const marks = (data?.marks ?? []).filter(({ kind, line }) => kind !== "endgroup" && line !== null);
  if (marks.length === 0) return null;
  const errors = marks.filter(({ kind }) => kind === "error").length;
  const groups = marks.filter(({ kind }) => kind === "group").length;
  const others = marks.length - errors - groups;
  const words = [count(errors, "error"), count(others, "warning or notice"), count(groups, "group")].filter(Boolean);
  return (
    <details className="log-outline" open={errors > 0}>
      <summary>{words.join(", ")}</summary>
      <ul>
        {marks.map(({ offset, line, kind, text }) => (
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
    </details>
  );
}

const count = (number: number, what: string): string =>
  number === 0 ? "" : `${number} ${what}${number === 1 ? "" : "s"}`;
