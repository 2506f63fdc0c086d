import { hrefOf } from "@fairway/api/client";
import { codeOf } from "@fairway/core";
import type { ReactElement } from "react";
import { useCallback, useEffect, useMemo, useState } from "react";
import { daemonUrl } from "../api/client.ts";
import { EmptyNote, Loading, ProblemNote } from "../components/answered.tsx";
import { Icon } from "../components/icons.tsx";
import { foldedRows, groupsOf } from "./folds.ts";
import { LogLineRow } from "./log-line.tsx";
import { LogOutline } from "./log-outline.tsx";
import { LogSearch } from "./log-search.tsx";
import type { LogSource } from "./log-source.ts";
import type { LineRange } from "./line-range.ts";
import { extended, isIn } from "./line-range.ts";
import { useLogHead, useLogLines } from "./use-log.ts";
import { useMarks } from "./use-marks.ts";
import { useRows } from "./use-rows.ts";
import "./logs.css";

/**
 * Of a line, in pixels: every line is one row, so that a million of them need no measuring, and its number can be hit (WCAG
 * 2.2, 2.5.8).
 */
const rowHeight = 24;
/** How near to the end counts as being there, in pixels. */
const nearEnd = 40;

/** One log, however long: only what is seen is fetched and drawn. It follows what is written until somebody scrolls up. */
export function LogView({
  source,
  live,
  range,
  onRange,
}: {
  readonly source: LogSource;
  /** Whether what writes it goes on. */
  readonly live: boolean;
  /** The lines that a link is about. */
  readonly range: LineRange | null;
  readonly onRange: (range: LineRange) => void;
}): ReactElement {
  const head = useLogHead(source, live);
  if (head.isLoading) return <Loading rows={8} />;
  if (head.error !== null)
    return codeOf(head.error) === "not_found" ? (
      <p className="muted">{live ? "It has written nothing yet." : "It wrote nothing."}</p>
    ) : (
      <ProblemNote thrown={head.error} />
    );
  return <Lines source={source} head={head} range={range} onRange={onRange} />;
}

function Lines({
  source,
  head,
  range,
  onRange,
}: Omit<Parameters<typeof LogView>[0], "live"> & { readonly head: ReturnType<typeof useLogHead> }): ReactElement {
  const { count, ended } = head;
  const [follow, setFollow] = useState(range === null);
  const marks = useMarks(source, ended);
  const groups = useMemo(() => groupsOf(marks, count), [marks, count]);
  const { isFolded, fold, foldAll, unfold } = useFolded(groups, ended, range);
  const folds = useMemo(
    () =>
      foldedRows(
        count,
        groups.filter((group) => isFolded(group)),
      ),
    [groups, count, isFolded],
  );
  const rows = useRows(folds.rows, rowHeight);
  const { show } = rows;
  const heads = useMemo(() => new Map(groups.map((group) => [group.head, group])), [groups]);
  const drawn = Array.from({ length: Math.max(0, rows.to - rows.from) }, (_, index) => rows.from + index)
    .filter((row) => row < folds.rows)
    .map((row) => ({ row, line: folds.lineOf(row) }));
  // What a head says is known by its mark, so a log of nothing but closed groups is not fetched for their names.
  const lineOf = useLogLines(
    source,
    head,
    drawn.flatMap(({ line }) => (heads.has(line) ? [] : [line])),
    !rows.isFlying,
  );
  const meant = range?.first;
  const target = meant === undefined || count === 0 ? null : folds.rowOf(Math.min(meant, count));
  useEffect(() => {
    if (target !== null) show(target, "middle");
    // Not again while it is written or folded: only when another line is meant.
  }, [meant, target === null]);
  useEffect(() => {
    if (follow && !ended && folds.rows > 0) show(folds.rows - 1, "end");
  }, [follow, ended, folds.rows, show]);

  const goTo = useCallback(
    (line: number) => {
      setFollow(false);
      unfold(line);
      onRange({ first: line, last: line });
    },
    [onRange, unfold],
  );
  const choose = useCallback(
    (line: number, more: boolean) => onRange(extended(more ? range : null, line)),
    [onRange, range],
  );
  return (
    <div className="log">
      <div className="log-bar">
        <LogSearch source={source} onLine={goTo} />
        <span className="log-count num muted">{count === 1 ? "1 line" : `${count.toLocaleString("en")} lines`}</span>
        {groups.length === 0 ? null : (
          <button type="button" className="button button-small" onClick={foldAll}>
            {groups.some((group) => !isFolded(group)) ? "Fold all" : "Open all"}
          </button>
        )}
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
      <LogOutline marks={marks} onLine={goTo} />
      {drawn.length === 0 ? null : (
        <p className="log-print">
          Printed are the lines that were in view, {drawn[0]?.line} to {drawn.at(-1)?.line} of{" "}
          {count.toLocaleString("en")}. All of them: {`${daemonUrl}${hrefOf("logFile", source)}`}
        </p>
      )}
      {count === 0 ? (
        <EmptyNote title={ended ? "Nothing was written" : "Nothing was written yet"} />
      ) : (
        <div
          ref={rows.scroller}
          className="log-lines"
          role="region"
          aria-label="Lines of the log"
          tabIndex={0}
          style={{ height: `min(70dvh, ${folds.rows * rowHeight + 18}px)` }}
          onWheel={({ deltaY }) => {
            if (deltaY < 0) setFollow(false);
          }}
          onScroll={({ currentTarget: { scrollHeight, scrollTop, clientHeight } }) => {
            rows.onScroll();
            if (!ended && scrollHeight - scrollTop - clientHeight < nearEnd && !follow && range === null)
              setFollow(true);
          }}
        >
          <div className="log-space" style={{ height: rows.height }}>
            {drawn.map(({ row, line }) => {
              const found = lineOf(line);
              const group = heads.get(line);
              return (
                <LogLineRow
                  key={line}
                  line={line}
                  text={found?.text ?? (group === undefined ? undefined : `##[group]${group.title}`)}
                  at={found?.at ?? null}
                  top={rows.topOf(row)}
                  meant={isIn(range, line)}
                  fold={group === undefined || group.last === group.head ? null : group.last - group.head}
                  folded={group !== undefined && isFolded(group)}
                  onLine={choose}
                  onFold={fold}
                />
              );
            })}
          </div>
        </div>
      )}
    </div>
  );
}

/** Which groups are closed: of a log that has ended all in which nothing went wrong, and what somebody closed. */
function useFolded(
  groups: ReturnType<typeof groupsOf>,
  ended: boolean,
  range: LineRange | null,
): {
  readonly isFolded: (group: ReturnType<typeof groupsOf>[number]) => boolean;
  readonly fold: (head: number) => void;
  readonly foldAll: () => void;
  readonly unfold: (line: number) => void;
} {
  // Whoever watched it being written does not lose sight of it when it ends.
  const [closedAtFirst] = useState(ended);
  const [chosen, choose] = useState<ReadonlyMap<number, boolean>>(new Map());
  const isFolded = useCallback(
    ({ head, last, errors }: (typeof groups)[number]) =>
      chosen.get(head) ??
      (closedAtFirst && errors === 0 && !(range !== null && range.last >= head && range.first <= last)),
    [chosen, closedAtFirst, range],
  );
  const set = (heads: readonly number[], folded: boolean): void =>
    choose((before) => new Map([...before, ...heads.map((head) => [head, folded] as const)]));
  return {
    isFolded,
    fold: useCallback(
      (head: number) => {
        const group = groups.find((each) => each.head === head);
        if (group !== undefined) set([head], !isFolded(group));
      },
      [groups, isFolded],
    ),
    foldAll: () =>
      set(
        groups.map(({ head }) => head),
        groups.some((group) => !isFolded(group)),
      ),
    unfold: useCallback(
      (line: number) =>
        set(
          groups.flatMap(({ head, last }) => (line > head && line <= last ? [head] : [])),
          false,
        ),
      [groups],
    ),
  };
}
