import type { LogMatches } from "@fairway/api";
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
    for (let offset: number | null = 0; offset !== null && lines.length < most;) {
      const part: LogMatches = await client.call("logSearch", { ...source, text: words, offset }, leave.signal);
      lines.push(...part.matches.flatMap(({ line }) => (line === null ? [] : [line])));
      offset = part.next;
    }
    setFound([...new Set(lines)].slice(0, most));
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
        if (found === null) void find().catch(unlessLeft);
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

/** Whoever writes other words does not want the first ones any more. */
function unlessLeft(thrown: unknown): void {
  if (!(thrown instanceof DOMException && thrown.name === "AbortError")) throw thrown;
}
