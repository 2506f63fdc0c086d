import type { ReactElement } from "react";
import { useEffect, useRef, useState } from "react";
import { client } from "../api/client.ts";
import type { LogSource } from "./log-source.ts";

/** So many places are found; more would not be looked through one by one. */
const most = 1000;

/** Finds text in a whole log, where it is kept, and goes from place to place with Enter. */
export function LogSearch({
  source,
  onLine,
}: {
  readonly source: LogSource;
  readonly onLine: (line: number) => void;
}): ReactElement {
  const [words, setWords] = useState("");
  const [found, setFound] = useState<readonly number[] | null>(null);
  const [at, setAt] = useState(0);
  const search = useRef<AbortController | null>(null);
  useEffect(() => () => search.current?.abort(), []);

  async function find(): Promise<void> {
    search.current?.abort();
    const leave = new AbortController();
    search.current = leave;
    const lines: number[] = [];
    for await (const { line } of client.stream(
      "logs",
      { ...source, grep: words, fromLine: 1, lines: most },
      leave.signal,
    ))
      if (line !== null) lines.push(line);
    if (leave.signal.aborted) return;
    setFound(lines);
    setAt(0);
    if (lines[0] !== undefined) onLine(lines[0]);
  }

  function go(by: 1 | -1): void {
    if (found === null || found.length === 0) return;
    const next = (at + by + found.length) % found.length;
    setAt(next);
    const line = found[next];
    if (line !== undefined) onLine(line);
  }

  return (
    <form
      role="search"
      className="log-search"
      onSubmit={(event) => {
        event.preventDefault();
        if (words === "") return;
        if (found === null) void find();
        else go(1);
      }}
    >
      <input
        type="search"
        className="input"
        aria-label="Search this log"
        placeholder="Search this log"
        maxLength={200}
        data-search
        value={words}
        onChange={({ target }) => {
          setWords(target.value);
          setFound(null);
        }}
        onKeyDown={(event) => {
          if (event.key !== "Enter" || !event.shiftKey) return;
          event.preventDefault();
          go(-1);
        }}
      />
      <span role="status" className="num muted">
        {found === null
          ? ""
          : found.length === 0
            ? "nowhere"
            : `${at + 1} of ${found.length === most ? `${most} or more` : found.length}`}
      </span>
    </form>
  );
}
