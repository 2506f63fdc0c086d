import { hrefOf } from "@fairway/api/client";
import { codeOf } from "@fairway/core";
import { useVirtualizer } from "@tanstack/react-virtual";
import type { ReactElement } from "react";
import { useEffect, useRef, useState } from "react";
import { EmptyNote, Loading, ProblemNote } from "../components/answered.tsx";
import { Icon } from "../components/icons.tsx";
import { LogText } from "../components/log-text.tsx";
import { exactTime } from "../text/time.ts";
import { LogOutline } from "./log-outline.tsx";
import { LogSearch } from "./log-search.tsx";
import type { LogSource } from "./log-source.ts";
import { lineKind } from "./line-kind.ts";
import { useLog } from "./use-log.ts";
import "./logs.css";

/** Of a line, in pixels: every line is one row, so that a million of them need no measuring. */
const rowHeight = 18;
/** How near to the end counts as being there, in pixels. */
const nearEnd = 40;

/** One log, however long: only what is seen is fetched and drawn. It follows what is written until somebody scrolls up. */
export function LogView({
  source,
  line,
  onLine,
}: {
  readonly source: LogSource;
  /** The line that a link is about. */
  readonly line?: number | undefined;
  readonly onLine: (line: number) => void;
}): ReactElement {
  const scroller = useRef<HTMLDivElement>(null);
  const [rows, setRows] = useState({ first: 0, last: 60 });
  const [follow, setFollow] = useState(line === undefined);
  const log = useLog(source, rows.first, rows.last);
  const { count, ended } = log;
  const virtual = useVirtualizer({
    count,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 30,
    onChange: ({ range }) => {
      if (range === null) return;
      setRows((seen) =>
        seen.first === range.startIndex && seen.last === range.endIndex + 30
          ? seen
          : { first: Math.max(0, range.startIndex - 30), last: range.endIndex + 30 },
      );
    },
  });
  useEffect(() => {
    if (line !== undefined && count > 0) virtual.scrollToIndex(Math.min(line, count) - 1, { align: "center" });
    // Not again while it is written: only when another line is meant.
  }, [line, count > 0]);
  useEffect(() => {
    if (follow && !ended && count > 0) virtual.scrollToIndex(count - 1, { align: "end" });
  }, [follow, ended, count, virtual]);

  if (log.isLoading) return <Loading rows={8} />;
  if (log.error !== null)
    return codeOf(log.error) === "not_found" ? (
      <p className="muted">It wrote nothing.</p>
    ) : (
      <ProblemNote thrown={log.error} />
    );
  return (
    <div className="log">
      <div className="log-bar">
        <LogSearch source={source} onLine={onLine} />
        <span className="log-count num muted">{count.toLocaleString("en")} lines</span>
        {ended ? null : (
          <button
            type="button"
            className="button button-small"
            aria-pressed={follow}
            onClick={() => setFollow(!follow)}
          >
            <Icon name="down" />
            {follow ? "Following" : "Follow"}
          </button>
        )}
        <a className="icon-button" aria-label="Download the log" href={`.${hrefOf("logFile", source)}`} download>
          <Icon name="down" />
        </a>
      </div>
      <LogOutline source={source} ended={ended} onLine={onLine} />
      {count === 0 ? (
        <EmptyNote title={ended ? "Nothing was written" : "Nothing was written yet"} />
      ) : (
        <div
          ref={scroller}
          className="log-lines"
          role="region"
          aria-label="Lines of the log"
          tabIndex={0}
          style={{ height: `min(70dvh, ${count * rowHeight + 18}px)` }}
          onWheel={({ deltaY }) => {
            if (deltaY < 0) setFollow(false);
          }}
          onScroll={({ currentTarget: { scrollHeight, scrollTop, clientHeight } }) => {
            if (!ended && scrollHeight - scrollTop - clientHeight < nearEnd && !follow && line === undefined)
              setFollow(true);
          }}
        >
          <div className="log-space" style={{ height: virtual.getTotalSize() }}>
            {virtual.getVirtualItems().map(({ index, start }) => {
              const found = log.line(index);
              const { kind, text } = lineKind(found?.text ?? "");
              return (
                <div
                  key={index}
                  className="log-line"
                  data-kind={kind}
                  data-meant={line === index + 1 ? "" : undefined}
                  style={{ transform: `translateY(${start}px)` }}
                >
                  <a
                    className="log-number"
                    href={`#L${index + 1}`}
                    aria-label={`Link to line ${index + 1}`}
                    title={found === undefined || found.at === null ? undefined : exactTime(found.at)}
                    onClick={(event) => {
                      event.preventDefault();
                      onLine(index + 1);
                    }}
                  >
                    {index + 1}
                  </a>
                  <span className="log-text">{found === undefined ? "" : <LogText text={text} />}</span>
                </div>
              );
            })}
          </div>
        </div>
      )}
    </div>
  );
}
